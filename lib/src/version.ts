// What this release is called and which behaviour it speaks.

/** The release, for people. The same as in every package.json. */
export const VERSION = '0.1.0';

/** The number of the behaviour that daemons speak with each other; a peer with another one is refused. */
export const PROTOCOL = 1;
