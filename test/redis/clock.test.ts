import { test } from 'uvu';
import * as assert from 'uvu/assert';

import { ServerClock } from '../../src/redis/clock.ts';

const SERVER_MS = 1_700_000_000_000;

/** A world with a monotonic clock, a wall clock here and a server's clock, in which time passes when it is told to. */
class World {
  monoMs = 5_000;
  wallOffsetMs = SERVER_MS;
  serverOffsetMs = SERVER_MS + 250;
  /** What reading the wall clock takes. */
  wallReadMs = 0;
  readonly clock = new ServerClock(
    () => this.monoMs,
    () => {
      const now = Math.floor(this.monoMs + this.wallOffsetMs);
      this.monoMs += this.wallReadMs;
      return now;
    },
  );

  pass(ms: number, serverRate = 0): void {
    this.monoMs += ms;
    this.serverOffsetMs += ms * serverRate;
  }

  /** One TIME exchange: `thereMs` to the server, `backMs` from it; the server tells whole µs. */
  exchange(thereMs: number, backMs: number, wrongByMs = 0): void {
    const sentMs = this.monoMs;
    this.pass(thereMs);
    const serverMs = Math.floor((this.monoMs + this.serverOffsetMs + wrongByMs) * 1000) / 1000;
    this.pass(backMs);
    this.clock.add(sentMs, this.monoMs, serverMs);
  }

  get wrongByMs(): number {
    return Math.abs(this.clock.offsetMs - this.serverOffsetMs);
  }
}

function assertNear(actual: number, expected: number, within: number): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual} is not within ${within} of ${expected}`);
}

test('it says so when it has not been read', () => {
  const { clock } = new World();
  assert.throws(() => clock.offsetMs, /has not been read/);
  assert.throws(() => clock.errorMs, /has not been read/);
  assert.throws(() => clock.toServerMs(0), /has not been read/);
});

test('one exchange: the offset is right when both ways take the same time, and half the round trip bounds the error', () => {
  const world = new World();
  world.exchange(0.5, 0.5);
  assertNear(world.clock.offsetMs, SERVER_MS + 250, 0.002);
  assertNear(world.clock.errorMs, 0.5, 0.001);
  assertNear(world.clock.toServerMs(7_000), SERVER_MS + 7_250, 0.002);
});

test('jitter: the exchange with the least round trip is used, and the error bounds the truth all along', () => {
  const world = new World();
  let random = 1;
  const jitterMs = (): number => {
    random = (random * 48271) % 2147483647;
    return 0.02 + 4 * (random / 2147483647) ** 3;
  };
  for (let i = 0; i < 500; i++) {
    world.exchange(jitterMs(), jitterMs());
    assert.ok(world.wrongByMs <= world.clock.errorMs + 0.002, `${world.wrongByMs} > ${world.clock.errorMs} after ${i}`);
    world.pass(100);
  }
  assert.ok(world.clock.errorMs < 0.2, String(world.clock.errorMs));
  assert.is(world.clock.steps.length, 0);
});

test('the error grows with the age of the sample in use, until a worse one is better', () => {
  const world = new World();
  world.exchange(0.1, 0.1);
  world.pass(60_000);
  assertNear(world.clock.errorMs, 0.1 + 3, 0.01);
  world.exchange(1, 1);
  assertNear(world.clock.errorMs, 1, 0.01);
});

for (const ppm of [-40, 40]) {
  test(`a server's clock that drifts by ${ppm} ppm is followed within the error`, () => {
    const world = new World();
    for (let second = 0; second < 600; second++) {
      world.exchange(0.03, 0.03);
      world.pass(1_000, ppm * 1e-6);
      assert.ok(world.wrongByMs <= world.clock.errorMs + 0.002, `${world.wrongByMs} > ${world.clock.errorMs}`);
    }
    assert.is(world.clock.steps.length, 0);
  });
}

test('a clock that NTP slews at 400 ppm is no step, and a sample that contradicts the one in use replaces it', () => {
  const world = new World();
  world.exchange(0.02, 0.02);
  for (let second = 0; second < 60; second++) {
    world.pass(1_000, 400e-6);
    world.exchange(0.05, 0.05);
    assert.ok(world.wrongByMs <= world.clock.errorMs + 0.002, `${world.wrongByMs} > ${world.clock.errorMs}`);
  }
  assert.is(world.clock.steps.length, 0);
});

for (const wrongByMs of [-1_000, 40]) {
  test(`one sample that is wrong by ${wrongByMs} ms is no step, and is not used`, () => {
    const world = new World();
    world.exchange(0.05, 0.05);
    world.pass(1_000);
    world.exchange(0.01, 0.01, wrongByMs);
    assert.ok(world.clock.isDisputed);
    assert.ok(world.wrongByMs <= world.clock.errorMs);
    world.exchange(0.05, 0.05);
    assert.not(world.clock.isDisputed);
    assert.ok(world.wrongByMs <= world.clock.errorMs);
    assert.is(world.clock.steps.length, 0);
  });
}

for (const sizeMs of [3_600_000, 20, -20, -3_600_000]) {
  test(`a step of the server's clock by ${sizeMs} ms is told of once, with its size, and followed`, () => {
    const world = new World();
    for (let second = 0; second < 5; second++) {
      world.exchange(0.05, 0.05);
      world.pass(1_000);
    }
    world.serverOffsetMs += sizeMs;
    for (let second = 0; second < 5; second++) {
      world.exchange(0.05, 0.05);
      world.exchange(0.05, 0.05);
      world.pass(1_000);
    }
    const [step, ...others] = world.clock.steps;
    assert.is(others.length, 0);
    assert.is(step?.clock, 'server');
    assertNear(step!.sizeMs, sizeMs, 1);
    assertNear(step!.atServerMs, SERVER_MS + 250 + sizeMs + 10_000, 1);
    assert.ok(world.wrongByMs <= world.clock.errorMs);
  });
}

test('a step that the round trip could hide is not claimed', () => {
  const world = new World();
  world.exchange(5, 5);
  world.serverOffsetMs += 8;
  world.exchange(5, 5);
  world.exchange(5, 5);
  assert.is(world.clock.steps.length, 0);
});

test('a step of the wall clock here is told of with its size, and moves no time', () => {
  const world = new World();
  world.exchange(0.05, 0.05);
  const before = world.clock.offsetMs;
  world.pass(1_000);
  world.wallOffsetMs -= 30_000;
  for (let i = 0; i < 5; i++) world.exchange(0.05, 0.05);
  const [step, ...others] = world.clock.steps;
  assert.is(others.length, 0);
  assert.is(step?.clock, 'harness');
  assertNear(step!.sizeMs, -30_000, 2);
  assertNear(world.clock.offsetMs, before, 0.1);
});

test('a harness that is held up while it reads its wall clock has not stepped it', () => {
  const world = new World();
  for (let i = 0; i < 20; i++) {
    world.wallReadMs = i % 5 === 0 ? 300 : 0.001;
    world.exchange(0.05, 0.05);
    world.pass(200);
  }
  assert.is(world.clock.steps.length, 0);
});

test.run();
