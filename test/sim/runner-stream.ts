// A simulated runner's stream to one elector: reports go up, assignments come down.
import { timesDigest } from '@koi/lib/digest';
import { patienceOf } from '@koi/lib/grpc/patience';
import type { Report } from '../../services/runner/src/core/assignment.ts';
import type { Input } from '../../services/runner/src/core/input.ts';
import { type RunnerDown, type RunnerUp, runnerUpBytes } from './elector-server.ts';
import type { Random } from './random.ts';
import { SimLink } from './sim-link.ts';
import type { SimProcess } from './sim-process.ts';
import type { SimRunner } from './sim-runner.ts';

export interface RunnerStreamParts {
  readonly runner: SimRunner;
  readonly session: string;
  readonly process: SimProcess;
  readonly random: Random;
  readonly feed: (input: Input) => void;
}

export function linkTo(elector: string, parts: RunnerStreamParts) {
  const { runner, session, process, random, feed } = parts;
  const { kit } = runner;
  const { network, codec, plan, flow, observer } = kit;
  const there = kit.electorNamed(elector);
  const link = new SimLink<RunnerUp, RunnerDown>({
    network,
    random,
    process,
    station: runner.host,
    serverStation: there.host,
    server: () => there.server?.runners,
    patience: patienceOf(plan.times.heartbeat),
    flow,
    bytesOf: runnerUpBytes,
    onOpen: () => {
      const digest = timesDigest(plan.times);
      link.send({ kind: 'hello', runner: runner.goesBy, session, digest });
      feed({ kind: 'elector-connected', elector });
    },
    onMessage: (down) => {
      const assignment =
        down.kind === 'assignment' ? codec.fromAssignment(down.assignment) : undefined;
      if (assignment === undefined) feed({ kind: 'elector-heard', elector });
      else {
        observer.runnerHears(runner, assignment);
        feed({ kind: 'assignment', elector, assignment });
      }
    },
    onLost: () => feed({ kind: 'elector-lost', elector }),
    onConnection: (connection) => kit.keep(connection),
  });
  return {
    link,
    report: (report: Report) => {
      observer.runnerReports(runner, report);
      if (link.open) {
        link.send({ kind: 'report', report: codec.report(report, runner.goesBy) }, 'report');
      }
    },
  };
}
