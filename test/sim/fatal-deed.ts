// What a runner's process does for its core, one thing after the other: it may die just before any of them.

export const DEEDS = [
  'record',
  'lease',
  'claim',
  'report',
  'kill',
  'start',
  'stop',
  'promote',
  'demote',
  'status',
  'failed',
] as const;

export type Deed = (typeof DEEDS)[number];
