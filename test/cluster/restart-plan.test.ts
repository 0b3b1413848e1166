// The shares that a trial of restarts promises are exact, whatever the seed, and a seed gives one plan.
import test from 'ava';
import { drawPlan } from './restart-plan.ts';

for (const kills of [20, 100, 1_000]) {
  test(`of ${kills} kills half hit the master, a third outlast the lease, a fifth fall inside a script`, (t) => {
    const plan = drawPlan(kills, kills);
    t.is(plan.length, kills);
    t.is(plan.filter(({ master }) => master).length, kills / 2);
    t.true(plan.filter(({ past }) => past).length >= kills / 3);
    const inside = plan.flatMap((kill) =>
      kill.inside === undefined ? [] : [{ ...kill.inside, kill }],
    );
    t.is(inside.length, kills / 5);
    for (const action of ['start', 'promote', 'demote']) {
      const own = inside.filter((one) => one.action === action);
      // Few kills cannot have all combinations.
      if (kills >= 100)
        t.true(own.some(({ kill }) => kill.past) && own.some(({ kill }) => !kill.past), action);
      t.true(own.every(({ kill }) => kill.master === (action !== 'start')));
    }
  });
}

test('a seed gives one plan, another seed another one', (t) => {
  t.deepEqual(drawPlan(7, 50), drawPlan(7, 50));
  t.notDeepEqual(drawPlan(7, 50), drawPlan(8, 50));
});

test('a kill that shall fall inside a script finds one that takes long enough', (t) => {
  for (const { inside, scripts } of drawPlan(1, 200)) {
    if (inside !== undefined) t.true(scripts[inside.service][inside.action] >= 120);
  }
});
