use serde_json::{Value, json};

/// How many pieces a parcel takes.
const PARCEL: u64 = 10;

/// The largest whole number that every language reads from JSON as it is written.
const MOST_PIECES: u64 = (1 << 53) - 1;

/// How many parcels an order needs, or what is wrong with the request.
pub fn quote(request: &Value) -> Value {
    let Some(fields) = request.as_object() else {
        return refusal(r#"The request must be {"item": "...", "quantity": 1}."#);
    };
    let Some(item) = fields.get("item").and_then(Value::as_str).filter(has_text) else {
        return refusal(r#""item" must be a text."#);
    };
    let Some(quantity) = fields.get("quantity").and_then(pieces) else {
        return refusal(&format!(
            r#""quantity" must be a whole number from 1 to {MOST_PIECES}."#
        ));
    };
    json!({ "item": item, "quantity": quantity, "parcels": quantity.div_ceil(PARCEL), "handler": "rust" })
}

/// Not `trim`: every language has its own idea of which characters are blank.
fn has_text(item: &&str) -> bool {
    !item.trim_matches([' ', '\t', '\r', '\n']).is_empty()
}

/// A whole number may be written with a fraction, as in 25.0.
fn pieces(number: &Value) -> Option<u64> {
    let number = number.as_f64()?;
    let whole = number.fract() == 0.0 && number >= 1.0 && number <= MOST_PIECES as f64;
    whole.then_some(number as u64)
}

fn refusal(sentence: &str) -> Value {
    json!({ "error": sentence, "handler": "rust" })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contract, which the tests of every implementation read.
    const CONTRACT: &str = include_str!("../../shipping-quote-contract/cases.json");

    #[test]
    fn answers_as_the_contract_says() {
        let cases: Vec<Value> = serde_json::from_str(CONTRACT).unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            let mut expected = case["response"].clone();
            expected["handler"] = json!("rust");

            assert_eq!(quote(&case["request"]), expected, "{}", case["name"]);
        }
    }
}
