// Everything that belongs to one workspace: its API, its list, its counts, and the socket that keeps them
// up to date. A switch to another workspace starts another session.

import { ListCounts } from "./list-counts.js";
import { EventQueue } from "./event-queue.js";
import { connectionState } from "./header.js";
import { Api } from "./http.js";
import { List } from "./list.js";
import { OrganizationNames } from "./organization-names.js";
import { laterPosition } from "./position.js";
import { RoomSocket } from "./room-socket.js";

const REREAD_DELAY = 400; // events within this time cause one read together, in milliseconds

/**
 * @typedef {object} SessionConfig
 * @property {() => View} view
 * @property {(change: () => void) => void} changeRows runs a change of the rows on screen
 * @property {(members: number) => void} onViewers how many pages are in the room of followPresence
 * @property {(frame: Frame) => void} onImport the progress of an import
 * @property {() => void} onReread the list is being read again
 * @property {(socket: RoomSocket) => void} onState
 * @property {() => void} requestRender
 */

export class WorkspaceSession {
  /** @type {string} */
  workspace;
  /** @type {Api} */
  api;
  /** @type {OrganizationNames} */
  organizationNames;
  /** @type {List} */
  list;
  /** @type {ListCounts} */
  counts;
  /** @type {RoomSocket} */
  socket;
  events = new EventQueue();
  /** How many pages are open on the workspace. */
  members = 0;
  /** The list is being read again, because changes were missed. */
  rereading = false;

  /** @type {SessionConfig} */
  #config;
  /** The position of the last write of this page. @type {MaybePosition} */
  #written;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rereadTimer;
  /** The socket follows the room. */
  #following = false;
  #stopped = false;

  /**
   * @param {string} workspace
   * @param {SessionConfig} config
   */
  constructor(workspace, config) {
    this.workspace = workspace;
    this.#config = config;
    const { view, changeRows, requestRender } = config;
    const api = new Api(workspace);
    const minPosition = () => this.minPosition();
    this.api = api;
    this.organizationNames = new OrganizationNames(api, requestRender);
    this.list = new List({ api, minPosition, changeRows, requestRender });
    this.counts = new ListCounts({ api, view, complete: () => Boolean(this.list.window?.whole), minPosition, requestRender });
    this.socket = new RoomSocket({
      path: "/ws/contacts",
      room: `workspace:${workspace}`,
      now: () => api.now(),
      onEvent: (frame) => this.#onFrame(frame),
      onReread: () => this.#reread(),
      onState: () => this.#onState(),
      onMembers: (members) => {
        this.#config.onViewers(members);
        this.#config.requestRender();
      },
    });
  }

  /**
   * Reads the list, then follows the room from the position of that read.
   *
   * @param {number} [topRow] the row that is read before any is shown
   */
  start(topRow) {
    return this.open(this.#config.view(), topRow);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#rereadTimer);
    this.socket.stop();
    this.list.close();
    this.counts.close();
  }

  /**
   * Reads the list of a view. The first list that arrives, perhaps not the first that was asked for, starts the socket.
   *
   * @param {View} view
   * @param {number} [topRow] the row that is read before the view is shown
   */
  async open(view, topRow) {
    const position = await this.list.open(view, topRow);
    if (this.#stopped || !position) return;
    if (!this.#following) this.socket.start(position);
    this.#following = true;
    this.counts.read();
  }

  /** The position up to which the page has seen or written everything. No read may be older. */
  minPosition() {
    return laterPosition(this.socket.since, this.#written) || undefined;
  }

  /** @param {MaybePosition} position of a write of this page */
  recordWrite(position) {
    this.#written = laterPosition(this.#written, position);
  }

  /**
   * Follows how many pages are in a room.
   *
   * @param {string} room empty: none
   */
  followPresence(room) {
    this.#config.onViewers(0);
    this.socket.followPresence(room);
  }

  /** Reads the list again soon, because an event did not say how a contact changed. */
  rereadSoon() {
    this.#rereadTimer ??= setTimeout(async () => {
      await this.list.reread(this.#config.view());
      this.#rereadTimer = undefined;
    }, REREAD_DELAY);
  }

  async #reread() {
    const { view, onReread, requestRender } = this.#config;
    this.rereading = true;
    this.organizationNames.reread();
    requestRender();
    onReread();
    await this.list.reread(view());
    if (this.#stopped) return;
    this.rereading = false;
    this.counts.read();
    requestRender();
  }

  /** @param {Frame} frame */
  #onFrame(frame) {
    if (frame.event === "presence") this.members = frame.members;
    else if (frame.event === "import") this.#config.onImport(frame);
    else if (frame.event?.startsWith("contact:")) this.events.push(/** @type {any} */ (frame));
    else return;
    this.#config.requestRender();
  }

  #onState() {
    if (connectionState(this.socket) === "live") this.list.retry();
    this.#config.onState(this.socket);
    this.#config.requestRender();
  }
}
