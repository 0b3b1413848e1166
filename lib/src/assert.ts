// Programmer errors: the daemon crashes and is restarted, which is safe because leases run out.

/** Throws unless a condition holds that only a fault in our own code can break. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
