/** The most objects, lists, fields and entries that are read. What is parsed of one byte takes up to fifty. */
const MOST_PARTS = 1_000_000;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Reads JSON that a stranger may have written and that is mostly text. Looks at it before it is parsed: a hundred
 * kilobytes of gzip can hold so many brackets that parsing them takes all memory, or minutes.
 *
 * @param levels how deep objects and lists may be in each other
 * @throws Error if there is more in it, or it is no JSON
 */
export function parseFlat(text: Buffer, levels: number): unknown {
  let [level, parts, isText] = [0, 0, false];
  for (let at = 0; at < text.length; at += 1) {
    const byte = text[at];
    if (isText) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) {
      isText = true;
    } else if (byte === COMMA || byte === COLON) {
      parts += 1;
    } else if (byte === LIST || byte === OBJECT) {
      level += 1;
      parts += 1;
    } else if (byte === LIST_END || byte === OBJECT_END) {
      level -= 1;
    }
    if (level > levels) throw new Error(`it has more than ${levels} levels`);
    if (parts > MOST_PARTS) throw new Error(`it has more than ${MOST_PARTS} parts`);
  }
  return JSON.parse(text.toString());
}
