// A runner and its services, as rows of a tree.
import { type Runner, RunnerMode, RunnerState } from '@koi/gen/koi/cluster/v1/runner_pb';
import type { Service } from '@koi/gen/koi/cluster/v1/service_pb';
import { line, type Page, type Row, span, tree } from './page.ts';
import {
  MODES,
  runnerStateSpan,
  serviceStateSpan,
  writeAbsence,
  writeAge,
  writeSecond,
} from './words.ts';

/** A runner with what is to be said of it, and its services, below it. */
export function runnerRow(runner: Runner, wide: boolean): Row {
  const { mode, priority, uptime, reportAge, epoch, released } = runner;
  return {
    cells: [
      span(runner.name),
      runnerStateSpan(runner.state),
      span(wide || mode === RunnerMode.PASSIVE ? (MODES[mode] ?? '') : ''),
      span(wide || priority !== 0 ? `priority ${priority}` : '', 'quiet'),
      span(uptime ? `up ${writeAge(uptime)}` : '', 'quiet'),
      span(reportAge ? `heard ${writeAge(reportAge)} ago` : 'never heard', 'quiet'),
      span(epoch > 0n ? `epoch ${epoch}` : '', 'quiet'),
      span(wide && released > 0n ? `released ${released}` : '', 'quiet'),
    ],
    below: [
      ...markLines(runner),
      ...(runner.rejected === ''
        ? []
        : [line(span(`cannot become master: ${runner.rejected}`, 'warning'))]),
      ...lostLeaseLines(runner),
      ...staleLines(runner),
      ...serviceTree(runner.services, wide),
    ],
  };
}

/** What is known of a silent runner is old: nobody may take it for the present. */
function staleLines({ state, services }: Runner): Page {
  if (state !== RunnerState.DISCONNECTED || services.length === 0) return [];
  return [line(span('when it was last heard:', 'quiet'))];
}

/** How close it was when it lost its lease the last time, with a moment of its own wall clock. */
function lostLeaseLines({ failures }: Runner): Page {
  const lost = failures.findLast(({ service, action }) => service === '' && action === 'lease');
  if (lost === undefined) return [];
  const when = lost.failureTime ? ` at ${writeSecond(lost.failureTime)}` : '';
  return [line(span(`lost its lease${when}: ${lost.text}`, 'warning'))];
}

/** What else is to be known of a runner. */
function markLines(runner: Runner): Page {
  const found: string[] = [];
  const silent = runner.state === RunnerState.DISCONNECTED;
  if (runner.stopped) found.push('stopped by an administrator');
  if (runner.maintenance) found.push('in maintenance');
  if (runner.promoted && runner.state !== RunnerState.MASTER && !silent) {
    found.push('still promoted');
  }
  if (runner.sinceFailure) found.push(`failed ${writeAge(runner.sinceFailure)} ago`);
  const absence = writeAbsence(runner);
  if (absence !== '') found.push(absence);
  return found.length === 0 ? [] : [line(span(found.join(', '), 'warning'))];
}

/** The services of a runner. */
export function serviceTree(services: readonly Service[], wide: boolean): Page {
  return services.length === 0 ? [] : [tree(services.map((service) => serviceRow(service, wide)))];
}

function serviceRow(service: Service, wide: boolean): Row {
  const { priority, action, processId, promotable, failure } = service;
  const running = wide ? `${action} runs (process ${processId})` : `${action} runs`;
  return {
    cells: [
      span(priority === undefined ? '' : String(priority).padStart(2, '0'), 'quiet'),
      span(service.name),
      serviceStateSpan(service.state),
      promotable ? span(wide ? 'promotable' : '', 'quiet') : span('not promotable', 'warning'),
      span(action === '' ? '' : running, 'quiet'),
      span(failure, 'bad'),
    ],
  };
}
