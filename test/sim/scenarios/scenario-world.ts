// The simulated world as a story sees it: what anybody says is heard at once instead of being kept.
import { World } from '../world.ts';

export class ScenarioWorld extends World {
  readonly #hear: (who: string, text: string) => void;

  constructor(hear: (who: string, text: string) => void) {
    super(true);
    this.#hear = hear;
  }

  override say(who: string, text: string): void {
    this.#hear(who, text);
  }
}
