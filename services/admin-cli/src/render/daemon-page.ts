// What a daemon of this host says of itself.
import { ElectorRole } from '@koi/gen/koi/cluster/v1/cluster_pb';
import type {
  ElectorStanding,
  GetLocalResponse,
  Link,
  RunnerStanding,
} from '@koi/gen/koi/local/v1/local_service_pb';
import { type Block, line, type Page, type Row, span, tree } from './page.ts';
import { serviceTree } from './runner-row.ts';
import { roleSpan, runnerStateSpan, writeAge, writeSecond } from './words.ts';

/** The daemon, what it is, and its streams. */
export function daemonPage(local: GetLocalResponse, wide: boolean): Page {
  const { uptime, configurationTime, loopLag, links, elector, runner } = local;
  const up = uptime ? `, up ${writeAge(uptime)}` : '';
  const read = configurationTime ? `, read ${writeSecond(configurationTime)}` : '';
  const page: Block[] = [
    line(
      span(`${local.program} ${local.name}`, 'heading'),
      `, release ${local.version}, process ${local.processId}${up}`,
    ),
    line(`configuration: ${local.configuration}${read}`),
  ];
  if (local.state !== '') page.push(line(`state: ${local.state}`));
  if (loopLag) page.push(line(`loop: late by ${writeAge(loopLag)} at most within a minute`));
  if (elector) page.push(...electorLines(elector));
  if (runner) page.push(...runnerLines(runner, wide));
  if (links.length > 0) page.push(line(span('streams', 'heading')), tree(links.map(linkRow)));
  return page;
}

function electorLines(elector: ElectorStanding): Page {
  const { boundTo, boundFor, charterTerm, charterIndex, leader, problem, term, role } = elector;
  const toWhom = boundTo === '' ? 'to nobody' : `to ${boundTo}`;
  const until = boundFor ? `, for ${writeAge(boundFor)} more` : '';
  const lines = [
    line('role: ', roleSpan({ heard: role !== ElectorRole.UNSPECIFIED, role }), `, term ${term}`),
    line('leader: ', leader === '' ? span('nobody', 'bad') : leader),
    line(`bound: ${toWhom}${until}`),
    charterTerm === 0n
      ? line('charter: ', span('none', 'warning'))
      : line(`charter: ${charterIndex} of term ${charterTerm}`),
  ];
  if (problem !== '') lines.push(line('problem: ', span(problem, 'bad')));
  return lines;
}

function runnerLines(runner: RunnerStanding, wide: boolean): Page {
  const { epoch, leaseLeft, released, maintenance } = runner;
  const held = epoch === 0n ? 'never master' : `epoch ${epoch}`;
  const lease = leaseLeft ? `, its lease runs for ${writeAge(leaseLeft)} more` : '';
  const given = released > 0n ? `, released ${released}` : '';
  const lines = [line('runner: ', runnerStateSpan(runner.state), `, ${held}${lease}${given}`)];
  if (maintenance) lines.push(line('maintenance: ', span('on', 'warning')));
  if (runner.services.length > 0) {
    lines.push(line(span('services', 'heading')), ...serviceTree(runner.services, wide));
  }
  return lines;
}

function linkRow({ peer, open, openFor, lastHeard }: Link): Row {
  return {
    cells: [
      span(peer),
      open ? span('open', 'good') : span('closed', 'bad'),
      span(openFor ? `for ${writeAge(openFor)}` : '', 'quiet'),
      span(lastHeard ? `heard ${writeAge(lastHeard)} ago` : 'never heard', 'quiet'),
    ],
  };
}
