// What a core says arrives as it was said: every message, charter and record, over real bytes.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ElectorRecordSchema } from '@koi/gen/koi/election/v1/charter_pb';
import {
  ConverseRequestSchema,
  ConverseResponseSchema,
} from '@koi/gen/koi/election/v1/election_service_pb';
import { KoiError } from '@koi/lib/grpc/errors';
import test from 'ava';
import fc, { type Arbitrary } from 'fast-check';
import type { Charter, Decision, Version } from '../core/charter.ts';
import type { ElectorRecord } from '../core/effect.ts';
import type { Introduction, Prospect, RefusalReason } from '../core/message.ts';
import type { Assignment, Report } from '../core/report.ts';
import {
  type ReplyBody,
  type RequestBody,
  requestFromWire,
  requestToWire,
  responseFromWire,
  responseToWire,
} from './wire.ts';
import { recordFromWire, recordToWire } from './wire-charter.ts';

const self = { cluster: 'shop', name: 'a' };
const count = fc.maxSafeNat();
const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const maybeName = fc.option(name, { nil: undefined });
// To the microsecond: what a double holds exactly after the way through seconds and nanoseconds.
const duration = fc.nat({ max: 2 ** 31 }).map((microseconds) => microseconds / 1_000);
const roundedDuration = fc.nat({ max: 10_000_000 });
const maybeAbsence = fc.option(fc.record({ longest: roundedDuration, since: roundedDuration }), {
  nil: undefined,
});
const version: Arbitrary<Version> = fc.record({ term: count, index: count });
const counters = fc.dictionary(name, count, { noNullPrototype: true });

const decision: Arbitrary<Decision> = fc.record({
  number: count,
  at: roundedDuration,
  term: count,
  epoch: count,
  subject: fc.string(),
  rule: fc.string(),
  text: fc.string({ unit: 'grapheme' }),
  kind: fc.constantFrom('decision', 'change'),
  rejected: fc.array(fc.record({ runner: fc.string(), rule: fc.string(), reason: fc.string() }), {
    maxLength: 3,
  }),
});

const charter: Arbitrary<Charter> = fc.record({
  version,
  revision: count,
  electors: fc.array(name),
  maintenance: fc.boolean(),
  maintenanceChange: count,
  maintenanceAcknowledged: count,
  manual: fc.boolean(),
  target: maybeName,
  master: maybeName,
  masterSession: maybeName,
  epoch: count,
  stopped: fc.array(name),
  recovery: counters,
  reconfigure: counters,
  runners: fc.array(name),
  decisions: fc.array(decision, { maxLength: 5 }),
});

const maybeCharter = fc.option(charter, { nil: undefined });
const introduction: Arbitrary<Introduction> = fc.record({
  digest: fc.string(),
  charter: maybeCharter,
});
const reason = fc.constantFrom<RefusalReason>(
  'term',
  'bound',
  'abstaining',
  'digest',
  'list',
  'empty',
);

const prospect: Arbitrary<Prospect> = fc
  .record({
    probe: count,
    reason: fc.option(reason, { nil: undefined }),
    boundTo: maybeName,
    boundFor: roundedDuration,
    highestTerm: count,
  })
  .map((rest) => ({ ...rest, wouldGrant: rest.reason === undefined }));
const report: Arbitrary<Report> = fc.record({
  number: count,
  state: fc.constantFrom('failed', 'disconnected', 'stopped', 'live', 'standby', 'master'),
  mode: fc.constantFrom('active', 'passive'),
  priority: fc.integer({ min: -100, max: 100 }),
  uptime: roundedDuration,
  epoch: count,
  leaseEnded: fc.boolean(),
  released: count,
  promoted: fc.boolean(),
  maintenance: fc.boolean(),
  maintenanceChange: count,
  highestTerm: count,
  sinceFailure: fc.option(roundedDuration, { nil: undefined }),
  services: fc.constant([]),
  failures: fc.constant([]),
  away: roundedDuration,
  absence: maybeAbsence,
  leaderUnheard: fc.boolean(),
});
const assignment: Arbitrary<Assignment> = fc.record({
  term: count,
  sequence: count,
  session: name,
  number: count,
  target: fc.constantFrom('stopped', 'standby', 'master'),
  lease: fc.option(fc.record({ epoch: count, duration: roundedDuration }), { nil: undefined }),
  release: count,
  master: maybeName,
  maintenance: fc.option(fc.record({ on: fc.boolean(), change: count }), { nil: undefined }),
  recovery: count,
  reconfigure: count,
  reason: fc.string(),
});

function kind<const Kind extends string>(word: Kind) {
  return fc.constant(word);
}

const requestBody: Arbitrary<RequestBody> = fc.oneof(
  fc.tuple(kind('hello'), introduction).map(([k, rest]) => ({ kind: k, ...rest })),
  fc.record({
    kind: kind('heartbeat'),
    leading: fc.boolean(),
    term: count,
    round: count,
    absence: maybeAbsence,
  }),
  fc.record({ kind: kind('election'), probe: count }),
  fc.record({ kind: kind('coordinator'), term: count, round: count }),
  fc.record({ kind: kind('resign'), term: count }),
  fc.record({ kind: kind('store'), charter }),
  fc.record({ kind: kind('stored'), version }),
  fc.record({ kind: kind('handover'), term: count }),
  fc.record({
    kind: kind('relayed-report'),
    runner: name,
    session: name,
    digest: fc.string(),
    report,
  }),
);

const replyBody: Arbitrary<ReplyBody> = fc.oneof(
  fc.tuple(kind('welcome'), introduction).map(([k, rest]) => ({ kind: k, ...rest })),
  fc.tuple(kind('answer'), prospect).map(([k, rest]) => ({ kind: k, ...rest })),
  fc.tuple(kind('prospect'), prospect).map(([k, rest]) => ({ kind: k, ...rest })),
  fc.record({ kind: kind('relayed-assignment'), runner: name, assignment }),
  fc.record({
    kind: kind('grant'),
    term: count,
    round: count,
    residue: roundedDuration,
    carriesCharter: fc.boolean(),
    charter: maybeCharter,
  }),
  fc.record({
    kind: kind('refusal'),
    term: count,
    round: count,
    reason,
    boundTo: maybeName,
    boundFor: roundedDuration,
  }),
  fc.record({ kind: kind('store'), charter }),
  fc.record({ kind: kind('stored'), version }),
  fc.record({ kind: kind('heard'), round: count }),
);

test('requests arrive as they were said', (t) => {
  fc.assert(
    fc.property(count, fc.boolean(), requestBody, (term, hasCharter, body) => {
      const message = { term, hasCharter, body };
      const wire = create(ConverseRequestSchema, requestToWire(message, body, self));
      const bytes = toBinary(ConverseRequestSchema, wire);
      t.deepEqual(requestFromWire(fromBinary(ConverseRequestSchema, bytes)), message);
    }),
  );
});

test('responses arrive as they were said', (t) => {
  fc.assert(
    fc.property(count, fc.boolean(), replyBody, (term, hasCharter, body) => {
      const message = { term, hasCharter, body };
      const wire = create(ConverseResponseSchema, responseToWire(message, body, self));
      const bytes = toBinary(ConverseResponseSchema, wire);
      t.deepEqual(responseFromWire(fromBinary(ConverseResponseSchema, bytes)), message);
    }),
  );
});

test('records come back as they were kept', (t) => {
  const record: Arbitrary<ElectorRecord> = fc.record({
    grantedTerm: count,
    grantedTo: maybeName,
    charter: maybeCharter,
  });
  fc.assert(
    fc.property(record, (kept) => {
      const wire = create(ElectorRecordSchema, recordToWire(kept));
      const bytes = toBinary(ElectorRecordSchema, wire);
      t.deepEqual(recordFromWire(fromBinary(ElectorRecordSchema, bytes)), kept);
    }),
  );
});

test('an event of an earlier release, which does not say its kind, is a decision', (t) => {
  const charter = {
    version: { term: 3n, index: 1n },
    decisions: [{ number: 7n, term: 3n, epoch: 2n, subject: 'b', rule: 'only-one', text: 'b' }],
  };
  const read = recordFromWire(create(ElectorRecordSchema, { charter }));
  t.like(read.charter?.decisions[0], { number: 7, kind: 'decision', rejected: [] });
});

test('durations keep their microseconds, and one without end is cut to a long one', (t) => {
  const through = (residue: number) => {
    const body = {
      kind: 'grant',
      term: 1,
      round: 1,
      residue,
      carriesCharter: false,
      charter: undefined,
    } as const;
    const message = { term: 1, hasCharter: false, body };
    const wire = responseFromWire(
      create(ConverseResponseSchema, responseToWire(message, body, self)),
    );
    return wire.body.kind === 'grant' ? wire.body.residue : undefined;
  };
  fc.assert(
    fc.property(duration, (residue) => {
      t.true(Math.abs((through(residue) ?? Number.NaN) - residue) < 1e-5);
    }),
  );
  t.true((through(Number.POSITIVE_INFINITY) ?? 0) > 1e12);
});

test('a message that only a newer release understands still counts as heard', (t) => {
  const request = requestFromWire(create(ConverseRequestSchema, { term: 7n, hasCharter: true }));
  t.deepEqual(request, {
    term: 7,
    hasCharter: true,
    body: { kind: 'heartbeat', leading: false, term: 0, round: 0 },
  });
  const response = responseFromWire(create(ConverseResponseSchema, { term: 7n }));
  t.deepEqual(response.body, { kind: 'heard', round: 0 });
});

test('what cannot be true is refused with the field’s name', (t) => {
  const refused = (init: Parameters<typeof create<typeof ConverseResponseSchema>>[1]) =>
    t.throws(() => responseFromWire(create(ConverseResponseSchema, init)), {
      instanceOf: KoiError,
    })?.message;
  t.is(refused({ message: { case: 'grant', value: { term: 1n } } }), 'grant.residue is missing');
  t.is(refused({ term: 2n ** 53n }), 'term is 9007199254740992: more than this daemon can count');
  t.is(refused({ message: { case: 'store', value: {} } }), 'store.charter is missing');
  const residue = { seconds: -1n, nanos: 0 };
  t.is(refused({ message: { case: 'grant', value: { residue } } }), 'grant.residue is negative');
});

test('a refusal without a reason that we know is a refusal for now', (t) => {
  const wire = create(ConverseResponseSchema, {
    message: { case: 'refusal', value: { term: 1n } },
  });
  const { body } = responseFromWire(wire);
  t.is(body.kind === 'refusal' ? body.reason : undefined, 'bound');
});
