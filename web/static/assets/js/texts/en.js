// The texts of the pages in English. Another language is another file like this one, and a row in language.js. The parts
// of an array stand in a row, where a parameter may be markup, or belong together, such as a state and its explanation.

import { formatCount, plural } from "../plural.js";

const contacts = (/** @type {number} */ n) => plural(n, { one: "# contact", other: "# contacts" });

export default {
  code: "en",

  common: {
    /** Who made a change, after it. */
    by: (/** @type {string} */ name) => `by ${name}`,
    close: "Close",
    save: "Save",
    discard: "Discard",
    cancel: "Cancel",
    done: "Done",
    copy: "Copy",
    copied: "Copied.",
    notCopied: "Nothing was copied: the browser refused it.",
    tryAgain: "Try again",
    tryNow: "Try now",
    loading: "Loading…",
    nothingFound: "Nothing found",
    searching: "Searching…",
    empty: "empty",
    noName: "(no name)",
    deletedContact: "(deleted)",
    contact: "contact",
    unreachable: "The server cannot be reached.",
    serverAnswered: (/** @type {number} */ status) => `The server answered ${status}.`,
    moveUp: "Move up",
    moveDown: "Move down",
    /** A server's error of a field as a sentence, such as "E-mail is not an e-mail address". */
    fieldError: (/** @type {string} */ subject, /** @type {string} */ text) => {
      const sentence = /^(is|must|has)\b/.test(text) ? `${subject} ${text}` : text;
      return sentence[0].toUpperCase() + sentence.slice(1);
    },
    contacts,
  },

  /** Sentences for answers of the server, by its code. Other answers are shown as the server wrote them. */
  problems: /** @type {Record<string, string>} */ ({
    unavailable: "The database cannot be reached at the moment. Try again soon.",
    internal: "The server failed. The administrator finds the cause in its log.",
    "too-many": "Too many requests at once. Try again soon.",
  }),

  header: {
    pages: "Pages",
    contacts: "Contacts",
    statistics: "Statistics",
    pipeline: "Pipeline",
    workspace: "Workspace",
    anotherWorkspace: "Another workspace",
    workspacePattern: "Lower-case letters, digits and hyphens",
    emptyWorkspace: (/** @type {string} */ workspace) => `“${workspace}” has no contacts. Is the name right?`,
    beginWorkspace: "Open the empty workspace",
    here: (/** @type {number} */ n) => `${n} here`,
    presence: (/** @type {number} */ n) =>
      plural(n, { one: "# open page in this workspace, this one", other: "# open pages in this workspace, including this one" }),
    menu: "Menu",
    skip: "Skip to the content",
    themes: /** @type {Record<string, string>} */ ({ auto: "as the system", light: "light", dark: "dark" }),
    /** The text and the title of the badge, by the state of the connection. */
    states: /** @type {Record<string, [string, string]>} */ ({
      connecting: ["Connecting", "Connecting to the server."],
      "catching up": ["Catching up", "Receiving the changes since this page was last connected."],
      live: ["Live", "Every change in MongoDB appears here at once."],
      degraded: ["Degraded", "Connected, but changes arrive late. What you read and save is still correct."],
      offline: ["Offline", "No connection. Trying again; the page will show every change it missed."],
      refused: ["Refused", "The server rejected the connection. Reload the page."],
    }),
  },

  banner: {
    offline: (/** @type {string} */ time) => `No connection since ${time}. The page will show every change it missed.`,
    unreachable: "The server cannot be reached. Trying again…",
    rereading: "Reading the list again, because changes were missed.",
    degraded: "Changes arrive late. What you read and save is still correct.",
    authOff: "Sign-in is off here, so everybody may do everything. make run AUTH=on shows it with sign-in.",
    forming: (/** @type {string} */ seen, /** @type {string} */ total) =>
      `Contacts get their place in lists and searches: ${seen} of about ${total} are done. Lists show the others at their end, and searches do not find them yet.`,
  },

  toolbar: {
    search: "Search",
    searchHint:
      "Finds names, companies, job titles, tags, e-mail addresses and phone numbers by the beginning of each word. Enter opens the first hit, the down arrow moves into the list.",
    sort: "Sort",
    sorts: {
      name: "Name",
      "-name": "Name, Z first",
      company: "Company",
      "-updatedAt": "Last changed",
      "-createdAt": "Newest",
      createdAt: "Oldest",
      updatedAt: "Not changed for longest",
      "-company": "Company, Z first",
    },
    clear: "Clear",
    clearFilter: (/** @type {string} */ label) => `Clear: ${label}`,
    filters: "Filters",
    columns: "Columns",
    removeFilter: (/** @type {string} */ text) => `Remove the filter ${text}`,
    import: "Import",
    importTitle: "Import a file of contacts",
    export: "Export",
    print: "Print the list",
    exportSearch: "The hits of a search cannot be exported. Clear the search, or use the filters.",
    exportAll: (/** @type {number | undefined} */ n) => (n === undefined ? "All contacts" : `All ${contacts(n)}`),
    exportShown: (/** @type {number | undefined} */ n) => (n === undefined ? "The contacts shown" : `The ${contacts(n)} shown`),
    exportAs: (/** @type {string} */ format) => `As ${format}`,
    formats: {
      csv: ["CSV", "for spreadsheets, Google and Outlook"],
      vcard: ["vCard 3.0", "for Apple, Android and Outlook"],
      vcard4: ["vCard 4.0", "for newer address books"],
      ndjson: ["JSON lines", "for programs"],
    },
    newContact: "New contact",
  },

  /** The names of the filters, and of their values. */
  filters: {
    company: "Company",
    tag: "Tag",
    kind: "Kind",
    owner: "Owner",
    organizationId: "Organization",
    without: "Without",
    createdAfter: "Created from",
    createdBefore: "Created before",
    updatedAfter: "Changed from",
    updatedBefore: "Changed before",
  },
  kinds: { "": "All", person: "People", organization: "Organizations" },
  kind: { person: "Person", organization: "Organization" },
  without: { email: "No e-mail", phone: "No phone" },

  list: {
    contacts: "Contacts",
    columns: {
      name: "Name",
      company: "Company",
      title: "Job title",
      email: "E-mail",
      phone: "Phone",
      tags: "Tags",
      owner: "Owner",
      created: "Created",
      updated: "Updated",
    },
    nothingFound: "Nothing found.",
    nothingFoundFor: (/** @type {unknown} */ q) => ["Nothing found for “", q, "”."],
    searchAdvice: "Every word has to be the beginning of a word of the contact. Check the spelling, or type fewer words.",
    clearAll: "Clear search and filters",
    showTag: (/** @type {string} */ tag) => `Show the contacts with the tag ${tag}`,
    noContacts: (/** @type {string} */ workspace) => `No contacts in “${workspace}” yet.`,
    howToAdd: "Add one, drop a file of contacts here, or insert one with mongosh: it appears here at once.",
    importFile: "Import a file",
    atLeast: (/** @type {string} */ n) => `${n}+ contacts`,
    bestFirst: "best hits first",
    stillSearching: "still searching…",
    changedFields: (/** @type {string} */ list) => `Changed: ${list}`,
    tryMongosh: "Edit a contact with mongosh and watch this list.",
    seePipeline: "See how a change travels",
    inNotes: "In notes",
    inNotesOnly: "Found in notes only, see below.",
    /** What happened to a contact, after its name. */
    verbs: { added: "added", changed: "changed", deleted: "deleted" },
    announce: (/** @type {string} */ name, /** @type {string} */ verb, /** @type {boolean} */ direct) =>
      `${name} ${verb}${direct ? " in MongoDB" : ""}.`,
    announceMany: (/** @type {number} */ n) => plural(n, { one: "# contact changed.", other: "# contacts changed." }),
    aContact: "a contact",
    /** On paper. */
    printed: (/** @type {number} */ first, /** @type {number} */ last, /** @type {number | undefined} */ all) =>
      `Contacts ${formatCount(first)} to ${formatCount(last)}${all === undefined ? "; there are more" : ` of ${formatCount(all)}`}.`,
    farDown: "The contact is too far down in the list to show its row.",
  },

  fields: /** @type {Record<string, string>} */ ({
    kind: "Kind",
    name: "Name",
    prefix: "Prefix",
    firstName: "First name",
    middleName: "Middle name",
    lastName: "Last name",
    suffix: "Suffix",
    nickname: "Nickname",
    company: "Company",
    title: "Job title",
    department: "Department",
    organizationId: "Organization",
    emails: "E-mail",
    phones: "Phone",
    tags: "Tags",
    notes: "Notes",
    dates: "Dates",
    addresses: "Addresses",
    urls: "Websites",
    related: "Related people",
    custom: "Other fields",
    owner: "Owner",
    uid: "vCard UID",
    workspace: "Workspace",
  }),
  /** What one row of a list is called. */
  rows: /** @type {Record<string, string>} */ ({
    emails: "e-mail",
    phones: "phone",
    dates: "date",
    addresses: "address",
    urls: "website",
    related: "related person",
    custom: "other field",
  }),
  addressParts: { street: "Street", city: "City", region: "Region", postalCode: "Postal code", country: "Country" },
  /** How the labels that many programs store are shown. In English they are shown as they are. */
  labels: /** @type {Record<string, string>} */ ({}),

  draft: {
    saved: "Saved.",
    created: (/** @type {string} */ name) => `${name} created.`,
    notThere: "This contact does not exist, or it was deleted.",
    deletedByOthers: "Somebody deleted this contact.",
    moved: "This contact was moved to another workspace.",
    changesAgain: "Others change this contact again and again. Save once more.",
    cannotShow: "The contact cannot be shown, because the server cannot be reached. Try again.",
    notSavedNew: "The new contact was not saved.",
    notSavedEdit: "Your changes were not saved.",
    back: "Back to editing",
    unsaved: (/** @type {number} */ n) => `${n} unsaved`,
    unsavedTitle: "Contacts with changes that were not saved",
  },

  deletions: {
    deleted: (/** @type {string} */ name) => `Deleted ${name}.`,
    undo: "Undo",
    keptChanged: (/** @type {string} */ name) => `${name} was not deleted, because somebody else just changed it.`,
    failed: (/** @type {string} */ name, /** @type {string} */ why) => `${name} could not be deleted: ${why}`,
  },

  /** What the commands do; see commands.js. */
  commands: {
    title: "Keyboard",
    palette: "Search contacts and commands",
    paletteHint: "Name, company, e-mail or a command",
    people: "Contacts",
    commands: "Commands",
    search: "Search; Enter opens the first hit",
    move: "Move in the table",
    openRow: "Open the contact",
    openPalette: "Find a contact or a command",
    create: "New contact",
    edit: "Edit the open contact",
    save: "Save",
    saveAndStop: "Save and stop editing",
    duplicate: "Duplicate the open contact",
    copyLink: "Copy the link of the open contact",
    deleteOpen: "Delete the open contact",
    deleteRow: "Delete the contact in the table",
    next: "Next contact",
    previous: "Previous contact",
    undo: "Undo, if a message offers it",
    resume: "Back to the changes that were not saved",
    moveRow: "Move an e-mail, a phone or another row of the contact",
    close: "Close the contact",
    table: "Go to the table",
    contacts: "Contacts",
    statistics: "Statistics",
    account: "My account",
    members: (/** @type {string} */ workspace) => `Members of ${workspace}`,
    users: "Users",
    signOut: "Sign out",
    pipeline: "Pipeline",
    jobs: "Jobs",
    api: "Documentation of the API",
    import: "Import a file",
    exportAs: (/** @type {string} */ format) => `Export as ${format}`,
    print: "Print the list",
    clear: "Clear search and filters",
    sortBy: (/** @type {string} */ sort) => `Sort by: ${sort}`,
    theme: (/** @type {string} */ theme) => `Colours: ${theme}`,
    help: "Keyboard shortcuts",
    pause: "Pause the list of changes",
  },

  /** What is written on the keys. Others have the same name everywhere. */
  keys: /** @type {Record<string, string>} */ ({ Ctrl: "Ctrl", Delete: "Delete", Home: "Home", End: "End" }),

  toasts: { dismiss: "Dismiss" },

  importing: {
    importedFrom: (/** @type {string} */ file, /** @type {number} */ n) => `${file}: ${contacts(n)} imported.`,
    notImported: (/** @type {string} */ file, /** @type {string} */ why) => `${file} was not imported. ${why}`,
    unreachable: "The server cannot be reached. Try again.",
    dropHere: "Drop to import",
    into: (/** @type {string} */ workspace) => `into “${workspace}”`,
  },

  export: {
    downloaded: (/** @type {string} */ file) => `${file} downloaded.`,
    failed: (/** @type {string} */ why) => `Nothing was exported: ${why}`,
  },

  time: { justNow: "just now" },
};
