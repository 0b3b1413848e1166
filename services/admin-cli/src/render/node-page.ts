// One node: an elector, a runner, or both of one name.
import type { GetNodeResponse } from '@koi/gen/koi/admin/v1/admin_service_pb';
import { electorRow } from './cluster-page.ts';
import { type Block, line, type Page, span, tree } from './page.ts';
import { runnerRow } from './runner-row.ts';

/** What is known of it. */
export function nodePage({ elector, runner, asked }: GetNodeResponse, wide: boolean): Page {
  const name = elector?.name ?? runner?.name ?? '';
  const page: Block[] = [line(span(`node ${name}`, 'heading'), `, as ${asked} sees it`)];
  if (elector === undefined) page.push(line('elector: none'));
  else page.push(line(span('elector', 'heading')), tree([electorRow(elector, wide)]));
  if (runner === undefined) page.push(line('runner: none has reported'));
  else page.push(line(span('runner', 'heading')), tree([runnerRow(runner, wide)]));
  return page;
}
