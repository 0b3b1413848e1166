// Bounds of everything that crosses the wire, in one place.

/** The largest message either side takes or sends, in bytes: a full charter is about 250 KiB. */
export const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;

/** How long one attempt to connect may take, in milliseconds: shorter than a lost SYN's first retry. */
export const CONNECT_TIMEOUT = 500;

/** Streams that one connection may have open at a time. */
export const STREAMS_PER_CONNECTION_MAX = 100;
