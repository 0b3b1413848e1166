// Runs forecasts beside the work of an elector: in slices, so that no heartbeat waits for them.
import { setImmediate } from 'node:timers/promises';
import type { Clock, Duration, Instant } from '@koi/lib/time';
import type { Present } from '../core/present.ts';
import { type Forecast, forecast, singleFaults } from '../rehearsal/forecast.ts';

/** For so long a forecast may keep the loop before everything else has its turn. */
const SLICE_MAX: Duration = 5;

/** All of them together may take so long; what is not rehearsed by then is not told. */
export const FORECASTS_MAX: Duration = 4_000;

/** So many events of a rehearsal pass between two looks at the clock. */
const EVENTS_PER_LOOK = 20;

export interface Forecaster {
  /** What each single failure of the present would lead to. Empty where this elector does not lead. */
  forecasts(): Promise<readonly Forecast[]>;
}

/** Who asks while forecasts are being made gets those. */
export function createForecaster(
  present: () => Present | undefined,
  clock: Pick<Clock, 'now'>,
): Forecaster {
  let running: Promise<readonly Forecast[]> | undefined;

  async function make(): Promise<readonly Forecast[]> {
    const begun = present();
    const made: Forecast[] = [];
    if (begun === undefined) return made;
    const end = clock.now() + FORECASTS_MAX;
    for (const fault of singleFaults(begun)) {
      const found = await inSlices(forecast(begun, fault), end, clock);
      if (found !== undefined) made.push(found);
    }
    return made;
  }

  return {
    forecasts() {
      running ??= make().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}

/** Undefined where it does not come to its end in time. */
async function inSlices<Result>(
  steps: Generator<void, Result>,
  end: Instant,
  clock: Pick<Clock, 'now'>,
): Promise<Result | undefined> {
  for (let begun = clock.now(); begun < end; begun = clock.now()) {
    do {
      for (let count = 0; count < EVENTS_PER_LOOK; count += 1) {
        const step = steps.next();
        if (step.done === true) return step.value;
      }
    } while (clock.now() < begun + SLICE_MAX);
    await setImmediate();
  }
  return undefined;
}
