// Lets the runtime of the messages decode its descriptors by Node's own code: it looks for the standard's
// `setFromBase64`, which this Node does not have yet, and its own decoder takes as long as a call.

interface Decoded {
  readonly read: number;
  readonly written: number;
}

if (!('setFromBase64' in Uint8Array.prototype)) {
  Object.defineProperty(Uint8Array.prototype, 'setFromBase64', {
    configurable: true,
    writable: true,
    value(this: Uint8Array, text: string): Decoded {
      // `write` would stop at the first character that is none; what is left then is told by `read`.
      const bytes = Buffer.from(text, 'base64');
      const written = Math.min(bytes.length, this.length);
      this.set(written === bytes.length ? bytes : bytes.subarray(0, written));
      return { read: text.length, written };
    },
  });
}
