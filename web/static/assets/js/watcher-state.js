import { t } from "./texts.js";

/** The state of an instance's watcher in the language of the page. @param {InstanceStats} stats */
export const watcherState = ({ state = "" }) => t.inspect.watcherStates[state] ?? state;
