// The shape of the file: every key, its kind and its default. Relations between keys are checked in
// `config-check.ts`. Messages complete the sentence "KEY …" and say what would be right.
import * as v from 'valibot';
import { readAddress } from './config-address.ts';
import { DURATION_MAX, readDuration, writeDuration } from './config-duration.ts';

/** A protobuf int32 carries priorities. */
const PRIORITY_MAX = 2_147_483_647;

const DRIFT_MAX = 0.5;

function shown(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  const written = JSON.stringify(value) ?? String(value);
  return written.length <= 60 ? written : `${written.slice(0, 59)}…`;
}

/** What is wanted, and what was written instead. */
function wanted(what: string): (issue: { readonly input: unknown }) => string {
  return ({ input }) => `must be ${what}, not ${shown(input)}`;
}

/** A value that one function reads: it returns the value, or the sentence that refuses it. */
function readBy<Output>(read: (input: unknown) => { value: Output } | string) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Output>(({ dataset, addIssue, NEVER }) => {
      const result = read(dataset.value);
      if (typeof result !== 'string') return result.value;
      addIssue({ message: result });
      return NEVER;
    }),
  );
}

function duration(min: number) {
  return readBy<number>((input) => {
    if (typeof input === 'number') {
      return `must be a duration with its unit, not ${input}: write ${input}ms, ${input}s, ${input}m or ${input}h`;
    }
    const value = typeof input === 'string' ? readDuration(input) : undefined;
    if (value === undefined) {
      return `must be a duration like 200ms, 1.6s, 6m or 1h, not ${shown(input)}`;
    }
    if (value < min) return `must be at least ${writeDuration(min)}, not ${shown(input)}`;
    if (value > DURATION_MAX) {
      return `must be at most ${writeDuration(DURATION_MAX)}, not ${shown(input)}`;
    }
    return { value };
  });
}

const drift = readBy<number>((input) => {
  const match = typeof input === 'string' ? /^(\d+(?:\.\d+)?) ?%$/.exec(input.trim()) : null;
  if (match === null) return `must be a percentage like 3%, not ${shown(input)}`;
  const value = Number(match[1]) / 100;
  if (value > DRIFT_MAX) return `must be at most ${DRIFT_MAX * 100}%, not ${shown(input)}`;
  return { value };
});

const address = readBy<string>((input) => {
  if (typeof input !== 'string') {
    return `must be an address like "10.0.0.1:42012", not ${shown(input)}`;
  }
  const result = readAddress(input);
  return typeof result === 'string' ? result : { value: input };
});

/**
 * A host's or a cluster's name: it is shown in trees, put into environments and compared as text.
 */
export const NAME_PATTERN: RegExp = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

const name = readBy<string>((input) => {
  if (typeof input === 'number' || typeof input === 'boolean') {
    return `must be text, not ${input}: write it in quotes, "${input}"`;
  }
  if (typeof input === 'string' && NAME_PATTERN.test(input)) return { value: input };
  return (
    'must be a name of at most 64 letters, digits, dots, hyphens and underscores that starts with ' +
    `a letter or digit, not ${shown(input)}`
  );
});

function integer(min: number, max: number) {
  const message = wanted(`a whole number from ${min} to ${max}`);
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(min, message),
    v.maxValue(max, message),
  );
}

const path = v.pipe(v.string(wanted('a path')), v.minLength(1, wanted('a path')));

const flag = v.boolean(wanted('true or false'));

const priority = v.optional(integer(-PRIORITY_MAX, PRIORITY_MAX), 0);

/**
 * A section whose unknown keys are refused one by one; valibot's own strict object stops at the
 * first.
 */
function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const isSection = (input: unknown) =>
    typeof input === 'object' && input !== null && !Array.isArray(input);
  return v.pipe(
    v.custom<object>(isSection, wanted('a section of keys')),
    v.objectWithRest(entries, v.never('is not a known key'), 'is missing'),
  );
}

/** A section that may be left out or left empty. */
function optionalSection<const Entries extends v.ObjectEntries>(entries: Entries) {
  return v.nullish(section(entries), {});
}

const presetName = v.picklist(['default', 'fast'], wanted('"default" or "fast"'));

/** `timing: fast` is short for `timing: { preset: fast }`. */
const timing = v.pipe(
  v.unknown(),
  v.transform((input) => (typeof input === 'string' ? { preset: input } : input)),
  section({
    preset: v.optional(presetName, 'default'),
    heartbeat: v.optional(duration(10)),
    leaderLease: v.optional(duration(1)),
    masterLease: v.optional(duration(1)),
    demoteGrace: v.optional(duration(1)),
    drift: v.optional(drift),
    status: v.optional(duration(100), '10s'),
    initialPromotion: v.optional(duration(0), '10s'),
    forgetAfter: v.optional(duration(1), '30m'),
  }),
);

const certificates = section({ ca: path, certificate: path, key: path });

/** `insecure`, or the three files. */
const tls = v.lazy((input) =>
  typeof input === 'string'
    ? v.literal('insecure', wanted('"insecure" or a section with ca, certificate and key'))
    : certificates,
);

const factorMessage = wanted('a number from 1 to 8');
const factor = v.pipe(
  v.number(factorMessage),
  v.minValue(1, factorMessage),
  v.maxValue(8, factorMessage),
);

/** The whole file. */
export const fileSchema = section({
  cluster: name,
  name: v.optional(name),
  electors: v.pipe(
    v.array(section({ name, address, priority }), wanted('a list of electors')),
    v.minLength(1, 'must list at least one elector, like { name: a, address: "10.0.0.1:42012" }'),
  ),
  preempt: v.optional(flag, false),
  elector: optionalSection({
    listen: v.optional(address),
    stateDirectory: v.optional(path, '/var/lib/koi'),
    socket: v.optional(path, '/run/koi-elector/elector.sock'),
  }),
  runner: optionalSection({
    mode: v.optional(v.picklist(['active', 'passive'], wanted('"active" or "passive"')), 'active'),
    priority,
    servicesDirectory: v.optional(path, '/etc/koi/services'),
    workingDirectory: v.optional(path),
    stateDirectory: v.optional(path, '/run/koi'),
    socket: v.optional(path, '/run/koi/runner.sock'),
    fence: v.nullish(path),
  }),
  timing: v.nullish(timing, {}),
  services: optionalSection({
    startTimeout: v.optional(duration(1), '6m'),
    stopTimeout: v.optional(duration(1), '6m'),
    statusTimeout: v.optional(duration(1), '2m'),
    promoteTimeout: v.optional(duration(1), '30s'),
    demoteTimeout: v.optional(duration(1), '30s'),
    failedTimeout: v.optional(duration(1), '20s'),
  }),
  recovery: optionalSection({
    attempts: v.optional(integer(0, 1_000_000), 120),
    delay: v.optional(duration(1), '10s'),
    factor: v.optional(factor, 1),
    reset: v.optional(duration(1), '30m'),
    promotionHold: v.optional(duration(0), '1m'),
  }),
  tls: v.optional(tls),
});
