import assert from "node:assert/strict";
import { test } from "node:test";

import { openPlayingPage } from "./stage/playing.js";

test("the volume is the person's times how far it has died away, and nothing while muted", async () => {
  const page = await openPlayingPage({ level: 0.5 });
  const { volume } = page;
  const loud = () => page.sounds.sounding[0].volume;
  assert.equal(loud(), 0.5);
  volume.fade = 0.5;
  assert.equal(loud(), 0.25);
  volume.isMuted = true;
  assert.equal(loud(), 0);
  volume.fade = 1;
  assert.equal(loud(), 0);
  page.player.next();
  await page.clock.tick(10);
  assert.equal(loud(), 0);
  volume.level = 2;
  assert.deepEqual([loud(), volume.level, volume.isMuted], [1, 1, false]);
});
