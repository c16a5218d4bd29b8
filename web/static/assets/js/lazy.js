// Modules and stylesheets that the first paint of the list does not need.

/** Loads stylesheets of the folder css, in this order. @param {string[]} names @returns {Promise<unknown>} */
export const loadStyles = (...names) => Promise.all(names.map(loadStyle));

/** @param {string} name @returns {Promise<void>} */
const loadStyle = (name) =>
  new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL(`../css/${name}.css`, import.meta.url).href,
    });
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      reject(new Error(`${name}.css cannot be loaded`));
    };
    document.head.append(link);
  });

/**
 * Returns a function that loads a module once, and tries again if that failed.
 *
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function lazy(load) {
  /** @type {Promise<T> | null} */
  let loading = null;
  return () => {
    loading ??= load().catch((e) => {
      loading = null;
      throw e;
    });
    return loading;
  };
}
