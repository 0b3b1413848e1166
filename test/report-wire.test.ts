// What a runner reports and what an elector assigns arrives as it was said, over real bytes. The two
// daemons translate apart from each other; here their translations meet.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { AssignmentSchema, ReportSchema } from '@koi/gen/koi/runner/v1/runner_service_pb';
import test from 'ava';
import fc from 'fast-check';
import { assignmentToWire, reportFromWire } from '../services/elector/src/io/wire-report.ts';
import type { Assignment, Report } from '../services/runner/src/core/assignment.ts';
import { assignmentFromWire, reportToWire } from '../services/runner/src/io/wire.ts';

const count = fc.maxSafeNat();
const name = fc.string({ minLength: 1, maxLength: 20 });
const duration = fc.nat({ max: 10_000_000 });
const priority = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });

const service = fc.record({
  name,
  priority: fc.option(fc.nat({ max: 99 }), { nil: undefined }),
  state: fc.constantFrom(
    ...(['failed', 'failing', 'stopped', 'stopping', 'starting'] as const),
    ...(['started', 'demoting', 'promoting', 'promoted'] as const),
  ),
  promotable: fc.boolean(),
  action: fc.string(),
  processId: fc.nat(),
  failure: fc.string({ unit: 'grapheme' }),
});

const report: fc.Arbitrary<Report> = fc.record({
  number: count,
  state: fc.constantFrom(
    ...(['failed', 'disconnected', 'stopped', 'live', 'standby', 'master'] as const),
  ),
  mode: fc.constantFrom('active', 'passive'),
  priority,
  uptime: duration,
  epoch: count,
  leaseEnded: fc.boolean(),
  released: count,
  promoted: fc.boolean(),
  maintenance: fc.boolean(),
  maintenanceChange: count,
  highestTerm: count,
  sinceFailure: fc.option(duration, { nil: undefined }),
  services: fc.array(service, { maxLength: 5 }),
  failures: fc.array(
    fc.record({ at: duration, service: fc.string(), action: fc.string(), text: fc.string() }),
    { maxLength: 5 },
  ),
  away: duration,
  absence: fc.option(fc.record({ longest: duration, since: duration }), { nil: undefined }),
  leaderUnheard: fc.boolean(),
});

const assignment: fc.Arbitrary<Assignment> = fc.record({
  term: count,
  sequence: count,
  session: name,
  number: count,
  target: fc.constantFrom('stopped', 'standby', 'master'),
  lease: fc.option(fc.record({ epoch: count, duration }), { nil: undefined }),
  release: count,
  master: fc.option(name, { nil: undefined }),
  maintenance: fc.option(fc.record({ on: fc.boolean(), change: count }), { nil: undefined }),
  recovery: count,
  reconfigure: count,
  reason: fc.string({ unit: 'grapheme' }),
});

test('reports arrive as the runner said them', (t) => {
  fc.assert(
    fc.property(report, (said) => {
      const wire = create(ReportSchema, reportToWire(said, 'r'));
      t.deepEqual(reportFromWire(fromBinary(ReportSchema, toBinary(ReportSchema, wire))), said);
    }),
  );
});

test('assignments arrive as the leader said them', (t) => {
  fc.assert(
    fc.property(assignment, (said) => {
      const bytes = toBinary(AssignmentSchema, create(AssignmentSchema, assignmentToWire(said, 0)));
      t.deepEqual(assignmentFromWire(fromBinary(AssignmentSchema, bytes)), said);
    }),
  );
});

test('an assignment without a target changes nothing, a report without a state is refused', (t) => {
  t.is(assignmentFromWire(create(AssignmentSchema, { term: 1n, session: 's' })), undefined);
  const wire = create(ReportSchema, { number: 1n });
  t.throws(() => reportFromWire(wire), { message: /report\.state is 0/ });
});
