// Types that several modules share. They exist for the type checker only: no file here is served.

/** MongoDB's cluster time as text; see position.js. */
type Position = string;
type MaybePosition = Position | null | undefined;

interface Address {
  label?: string;
  street?: string;
  city?: string;
  region?: string;
  postalCode?: string;
  country?: string;
}

/** One value with its label, such as an e-mail address for work. */
interface Entry {
  label?: string;
  value?: string;
}

/** The fields with a text; the table in contact-fields.js lists them. */
type ContactTexts = Partial<Record<import("../static/assets/js/contact-fields.js").TextField, string>>;

/** A contact as the API sends it. An absent field and an empty one mean the same. */
interface Contact extends ContactTexts {
  id: string;
  workspace?: string;
  kind: "person" | "organization";
  /** The name that people see; it follows from the other fields. */
  fullName?: string;
  /** The value of the first of emails. */
  email?: string;
  /** The value of the first of phones. */
  phone?: string;
  emails?: Entry[];
  phones?: Entry[];
  urls?: Entry[];
  addresses?: Address[];
  dates?: Entry[];
  related?: Entry[];
  custom?: Entry[];
  tags?: string[];
  createdAt?: string;
  updatedAt?: string;
}

type PartialContact = Partial<Contact>;

/** The values of search and filters; view.js lists them. */
type Filters = Record<import("../static/assets/js/view.js").FilterName, string>;

/** The state of the page that its URL holds; see view.js. */
interface View extends Filters {
  workspace: string;
  page: "contacts" | "statistics";
  sort: string;
  contact: string;
}

type Navigate = (changes: Partial<View>, options?: { replace?: boolean }) => void;

/** A change of one contact, as a room sends it. */
interface ContactEvent {
  event: "contact:created" | "contact:updated" | "contact:deleted";
  position: Position;
  contact: Contact | null;
  source?: "api" | "direct";
  changed?: string[];
  at?: string;
  reason?: string;
  truncated?: boolean;
}

/** Any frame of a WebSocket; docs: /asyncapi.json. */
interface Frame {
  op?: string;
  ref?: string;
  event?: string;
  room?: string;
  position?: Position;
  [name: string]: any;
}

/** A contact in the list; position is the newest position known to be reflected in it. */
interface Row {
  id: string;
  contact: Contact;
  position: MaybePosition;
}

interface Page {
  items: Contact[];
  next: string | null;
  /** The server stopped searching before the page was full. */
  partial?: boolean;
}

type ExportFormat = "csv" | "vcard" | "vcard4" | "ndjson";

/** A deleted row while it fades out. */
interface LeavingRow {
  id: string;
  index: number;
  contact: Contact;
}

/** Why a row is highlighted at the moment. */
interface RowHighlight {
  source: "api" | "direct";
  verb: string;
  changed: string[];
  turn: number;
}

interface ApiAnswer<T = any> {
  status: number;
  body: T;
  position: string | null;
  etag: string | null;
}

interface RequestOptions {
  body?: unknown;
  headers?: Record<string, string>;
  minPosition?: MaybePosition;
  signal?: AbortSignal;
  keepalive?: boolean;
}

/** What a person can pick in a combobox. */
interface Option {
  value: string;
  label: string;
  count?: number;
}

type LoadOptions = (text: string) => Option[] | Promise<Option[]>;

interface ToastAction {
  label: string;
  run: () => void;
}

interface ToastOptions {
  action?: ToastAction;
  kind?: "error";
  /** How long the toast is shown, in milliseconds. */
  duration?: number;
  /** Called when the toast ends, unless its action was run. */
  onEnd?: () => void;
}

/** The answer of /inspect/info. */
interface InstanceInfo {
  now: string;
  mongoURI?: string;
  database?: string;
  /** The Asynq queue of the welcome jobs. */
  queue?: string;
  /** What can be tried, in development only. */
  experiments?: string[];
  /** The experiment that is under way. */
  experiment?: string;
  /** Why the last experiment failed. */
  experimentFailure?: string;
}

/** A frame "trace" of the pipeline room: one change and the time of each step, in microseconds. */
interface Trace {
  position: Position;
  committed: string;
  op: string;
  id?: string;
  name?: string;
  workspace?: string;
  source?: "api" | "direct";
  changed?: Record<string, [any, any]>;
  task?: string;
  batch?: number;
  sampledOut?: number;
  seenUs?: number;
  cacheUs?: number;
  jobsUs?: number;
  eventsUs?: number;
  checkpointUs?: number;
}

interface QueueStats {
  queue: string;
  pending?: number;
  active?: number;
  retry?: number;
  archived?: number;
}

/** A frame "stats" of the pipeline room: the state of one instance. */
interface InstanceStats {
  problems?: { name: string; state: string; message: string }[] | null;
  instance: string;
  at: string;
  holder?: boolean;
  state?: string;
  roles?: string[];
  lagMs?: number | null;
  rate?: number;
  oplogWindowLeft?: number | null;
  gaps?: number;
  dead?: number;
  sockets?: number;
  rooms?: number;
  watermark?: string;
  watermarkAgeMs?: number | null;
  history?: { entries: number; bytes: number };
  cache?: { hits?: number; misses?: number; bypassed?: number; forgotten?: number };
  queues?: QueueStats[];
}

/** A change in the pipeline view. */
interface TraceEntry {
  key: string;
  trace: Trace;
  /** When this browser received the event, on the server's clock. */
  received: number | undefined;
  /** The last frame about the change's job. */
  job: Frame | undefined;
  /** How many changes before this one were not sampled. */
  omitted: number;
  /** The state of the job in asynqmon. */
  taskState?: string;
}

interface TimelineStep {
  name: string;
  from: number;
  to: number;
}

interface Recipe {
  title: string;
  line: string;
  hint?: string;
}

/** uPlot is a classic script that only /inspect loads. */
declare const uPlot: new (
  options: any,
  data: any[],
  element: HTMLElement,
) => {
  destroy(): void;
  setSize(size: { width: number; height: number }): void;
  setData(data: any[]): void;
};

interface Window {
  uPlot?: typeof uPlot;
}

/** An event of an element in a template. */
type EventOn<E extends Element> = Event & { target: E; currentTarget: E };
