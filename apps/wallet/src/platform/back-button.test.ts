import { beforeEach, describe, expect, it } from "vitest";
import { createBackButton, type HistoryWindow } from "./back-button.web.ts";

/** A browser's history as far as HTML says how it behaves: `go` happens later, `pushState` at once. */
class Window implements HistoryWindow {
  entries: unknown[] = [null];
  index = 0;
  #listeners: (() => void)[] = [];
  #traversals: number[] = [];

  readonly history = {
    window: this as Window,
    get state() {
      return this.window.entries[this.window.index];
    },
    pushState(state: unknown) {
      this.window.entries = [...this.window.entries.slice(0, ++this.window.index), state];
    },
    go(delta = 0) {
      this.window.#traversals.push(delta);
    },
  };

  addEventListener(_: "popstate", listener: () => void) {
    this.#listeners.push(listener);
  }

  /** Lets everything happen that was asked for. */
  settle() {
    for (let delta = this.#traversals.shift(); delta !== undefined; delta = this.#traversals.shift()) {
      this.index += delta;
      for (const listener of this.#listeners) listener();
    }
  }
}

describe("the browser's back", () => {
  let window: Window;
  let depth: number;
  let button: ReturnType<typeof createBackButton>;
  const change = (to: number) => {
    depth = to;
    button.depthChanged(to);
  };
  beforeEach(() => {
    window = new Window();
    button = createBackButton(window);
    button.subscribe(change);
    change(0);
  });

  it("takes off the screens that lie above", () => {
    change(1);
    change(2);
    window.history.go(-1);
    window.settle();
    expect(depth).toBe(1);
    expect(window.index).toBe(1);
  });

  it("follows the app's own way back", () => {
    change(1);
    change(2);
    change(0);
    window.settle();
    expect([depth, window.index]).toEqual([0, 0]);
  });

  it("loses no screen that is opened while the browser is still going back", () => {
    change(1);
    change(0);
    change(1);
    window.settle();
    expect(depth).toBe(1);
    expect(window.history.state).toEqual({ depth: 1 });
    window.history.go(-1);
    window.settle();
    expect(depth).toBe(0);
  });

  it("goes to the first entry when the app was loaded again on a later one", () => {
    change(2);
    const reloaded = createBackButton(window);
    reloaded.depthChanged(0);
    window.settle();
    expect(window.history.state).toBeNull();
  });
});
