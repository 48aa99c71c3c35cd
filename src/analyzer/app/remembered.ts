// What was once worked out, by the text that it was worked out of: networks say the same things over and over. Bounded in
// number and in the length of what is remembered; what came first is forgotten first.

const MAX_ENTRIES = 1024;
/** In characters. What is longer is worked out each time. */
const MAX_TEXT = 2048;

export class Remembered<Value> {
  readonly #byText = new Map<string, Value>();

  get(text: string): Value | undefined {
    return this.#byText.get(text);
  }

  /** Remembers the value, and gives it back. */
  set(text: string, value: Value): Value {
    if (text.length > MAX_TEXT) return value;
    if (this.#byText.size >= MAX_ENTRIES && !this.#byText.has(text))
      this.#byText.delete(this.#byText.keys().next().value!);
    this.#byText.set(text, value);
    return value;
  }
}
