// P1: whoever has another list or other times must have another digest, and nobody else.
import test from 'ava';
import { clusterDigest, timesDigest } from './digest.ts';
import { PRESETS } from './timing.ts';

const first = { name: 'a', address: '10.0.0.1:42012', priority: 1 };
const second = { name: 'b', address: '10.0.0.2:42012', priority: 2 };
const electors = [first, second];
const times = PRESETS.default;

test('P1: the digest is the same in whatever order the electors stand', (t) => {
  t.is(clusterDigest(electors, times), clusterDigest(electors.toReversed(), times));
  t.regex(clusterDigest(electors, times), /^[0-9a-f]{64}$/);
});

test('P1: every field of the list and every time changes the digest', (t) => {
  const digests = [
    clusterDigest(electors, times),
    clusterDigest(electors.slice(1), times),
    ...[{ name: 'c' }, { address: '10.0.0.3:42012' }, { priority: 3 }].map((change) =>
      clusterDigest([first, { ...second, ...change }], times),
    ),
    ...Object.keys(times).map((key) => clusterDigest(electors, { ...times, [key]: 0.05 })),
  ];
  t.is(new Set(digests).size, digests.length);
});

test('P1: the digest of the times knows nothing of the list, and every time changes it', (t) => {
  const digests = [
    timesDigest(times),
    clusterDigest(electors, times),
    ...Object.keys(times).map((key) => timesDigest({ ...times, [key]: 0.05 })),
  ];
  t.is(new Set(digests).size, digests.length);
  t.is(timesDigest({ ...times, drift: 3 / 100 }), timesDigest({ ...times, drift: 0.1 * 0.3 }));
});
