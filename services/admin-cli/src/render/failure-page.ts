// The failures that the runners remember.
import type { Failure } from '@koi/gen/koi/cluster/v1/event_pb';
import { line, type Page, span, table } from './page.ts';
import { writeSecond } from './words.ts';

/** Oldest first, a line each. */
export function failurePage(failures: readonly Failure[], runner: string): Page {
  if (failures.length === 0) {
    return [line(runner === '' ? 'no failure is remembered' : `${runner} remembers no failure`)];
  }
  return [
    table(
      failures.map(({ failureTime, runner, service, action, text }) => ({
        cells: [
          span(failureTime ? writeSecond(failureTime) : '', 'quiet'),
          span(runner),
          span(service, 'heading'),
          span(action),
          span(text, 'bad'),
        ],
      })),
    ),
  ];
}
