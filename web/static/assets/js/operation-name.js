import { t } from "./texts.js";

/** What happened to a contact, for people. @param {Trace} trace */
export const operationName = (trace) => t.inspect.operations[trace.op] ?? trace.op;
