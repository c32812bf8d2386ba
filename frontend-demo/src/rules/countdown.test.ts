import { describe, expect, test } from "vitest";
import { clockWords, isLastMinute, msToNextSecond, secondsLeft, spokenTimeLeft } from "./countdown";

const heardAtMs = 5_000;

describe("a countdown", () => {
  test("starts at what the hub said, rounded up", () => {
    expect(secondsLeft({ remainingSeconds: 599.2, heardAtMs }, 5_000)).toBe(600);
  });

  test("runs on the monotonic clock and stops at zero", () => {
    const time = { remainingSeconds: 10, heardAtMs };
    expect(secondsLeft(time, 5_001)).toBe(10);
    expect(secondsLeft(time, 6_000)).toBe(9);
    expect(secondsLeft(time, 60_000)).toBe(0);
  });

  test("wakes exactly when the shown second changes", () => {
    const time = { remainingSeconds: 10.25, heardAtMs };
    const wait = msToNextSecond(time, 5_000);
    expect(wait).toBe(250);
    expect(secondsLeft(time, 5_000 + wait)).toBe(10);
    expect(msToNextSecond(time, 5_250)).toBe(1000);
    expect(msToNextSecond(time, 99_000)).toBe(Infinity);
  });

  test("reads as minutes and seconds", () => {
    expect(clockWords(581)).toBe("9:41");
    expect(clockWords(5)).toBe("0:05");
    expect(clockWords(3849)).toBe("1:04:09");
  });

  test("is spoken once a minute", () => {
    expect(spokenTimeLeft(541)).toBe(spokenTimeLeft(600));
    expect(spokenTimeLeft(541)).toBe("10 minutes left on your hold.");
    expect(spokenTimeLeft(60)).toBe("Less than a minute left on your hold.");
    expect(spokenTimeLeft(0)).toBe("Your hold has ended.");
  });

  test("stays calm until the last minute", () => {
    expect(isLastMinute(61)).toBe(false);
    expect(isLastMinute(60)).toBe(true);
  });
});
