import type { Links } from "./ports.ts";

/** Takes the fragments of links to `/request` out of the address bar: they must not stay in the history. */
export const links: Links = {
  subscribe(listener) {
    const take = () => {
      if (location.pathname !== "/request" || !location.hash) return;
      const url = location.href;
      history.replaceState(history.state, "", "/request");
      listener(url);
    };
    take();
    // A second link in an open window differs from the first only in its fragment, or comes by "back".
    addEventListener("hashchange", take);
    addEventListener("popstate", take);
    return () => {
      removeEventListener("hashchange", take);
      removeEventListener("popstate", take);
    };
  },
  async open(url) {
    location.assign(url);
  },
};
