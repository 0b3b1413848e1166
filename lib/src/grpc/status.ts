// The status codes of gRPC, by name. As a table of our own: what only has to read one must not load a
// whole transport for it.

/** A gRPC status code. */
export const Status = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

/** One of them. */
export type Status = (typeof Status)[keyof typeof Status];

/** The name of a code; a code that gRPC does not know keeps its number. */
export function statusName(code: number): string {
  const found = Object.entries(Status).find(([, number]) => number === code);
  return found === undefined ? `status ${code}` : found[0];
}
