//! A Lambda function that tells how many parcels an order needs.

mod quote;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(async |event: LambdaEvent<Value>| {
        Ok::<Value, Error>(quote::quote(&event.payload))
    }))
    .await
}
