// Sätze des Servers auf Deutsch. # steht für eine Zahl oder einen Wert in Anführungszeichen, … für einen anderen Satz; siehe
// server-text.js.

/** @type {Record<string, string>} */
export default {
  // about a field
  "is required": "fehlt",
  "is missing": "fehlt",
  "is not valid UTF-8": "enthält ungültige Zeichen",
  "must not be longer than # characters": "darf höchstens # Zeichen lang sein",
  "must not be more than #": "dürfen höchstens # sein",
  "must not contain control characters or code points that are not characters": "enthält Steuerzeichen",
  "has no character that a person can see": "enthält kein sichtbares Zeichen",
  "is not an e-mail address: it has no @": "ist keine E-Mail-Adresse: das @ fehlt",
  "is not an e-mail address: it needs one @ between two texts": "ist keine E-Mail-Adresse: sie braucht ein @ zwischen zwei Texten",
  "is not an e-mail address: it contains a blank": "ist keine E-Mail-Adresse: sie enthält ein Leerzeichen",
  "must be a date such as 2026-04-12, or --04-12 without a year": "muss ein Datum sein wie 2026-04-12, oder --04-12 ohne Jahr",
  "must be 1 to 63 lower-case letters, digits and hyphens, and not begin with a hyphen":
    "muss aus 1 bis 63 Kleinbuchstaben, Ziffern und Bindestrichen bestehen und darf nicht mit einem Bindestrich beginnen",
  "must be the id of a contact: 24 lower-case hex digits": "muss die Id eines Kontakts sein: 24 Hexadezimalziffern in Kleinbuchstaben",
  "a contact cannot belong to itself": "ein Kontakt kann nicht zu sich selbst gehören",
  "a person needs a name, a nickname, a company, an e-mail address or a phone number":
    "eine Person braucht einen Namen, einen Spitznamen, eine Firma, eine E-Mail-Adresse oder eine Telefonnummer",
  "is not an organization of this workspace": "ist keine Organisation dieses Bereichs",
  "is taken by another contact": "gehört schon zu einem anderen Kontakt",
  // in the report of an import
  "# …; it is kept as a custom field": "# …; der Wert bleibt als weiteres Feld erhalten",
  "is no kind of contact": "ist keine Art von Kontakt",
  "is no e-mail address": "ist keine E-Mail-Adresse",
  "is no date that can be read in one way only": "ist kein Datum, das sich nur auf eine Weise lesen lässt",
  "is longer than # characters": "ist länger als # Zeichen",
  "are more than #": "sind mehr als #",
  "is behind the first #": "steht hinter den ersten #",
  "there is no name, company, e-mail address or phone number to call the contact by":
    "es gibt keinen Namen, keine Firma, keine E-Mail-Adresse und keine Telefonnummer, unter denen der Kontakt zu führen wäre",
  "the row is longer than 1 MiB": "die Zeile ist länger als 1 MiB",
  "the line is longer than 1 MiB": "die Zeile ist länger als 1 MiB",
  "this text is outside of a card": "dieser Text steht außerhalb einer vCard",
  "this card does not end, so it is left out": "diese vCard hat kein Ende und entfällt",
  "the text is too long; its rest is left out": "der Text ist zu lang; der Rest entfällt",
  "photos are not kept": "Fotos werden nicht übernommen",
  "a spreadsheet has shortened the number to #; in the spreadsheet, make the column text, and type the number again":
    "eine Tabellenkalkulation hat die Zahl auf # gekürzt; die Spalte dort als Text festlegen und die Zahl neu eintippen",
  "the row has more than # cells; the others are left out": "die Zeile hat mehr als # Zellen; die übrigen entfallen",
  "# further custom fields are lines of the last one": "# weitere Felder sind Zeilen des letzten",
  "and # more values of this contact are not as they were": "und # weitere Werte dieses Kontakts sind nicht, wie sie waren",
  "an organization needs a name, so the contact is a person": "eine Organisation braucht einen Namen, darum ist der Kontakt eine Person",
  "the text is longer than # characters; it continues in the next custom field":
    "der Text ist länger als # Zeichen; er geht im nächsten weiteren Feld weiter",
  "the text is longer than # characters; its rest is kept as a custom field":
    "der Text ist länger als # Zeichen; der Rest bleibt als weiteres Feld erhalten",
  "is not person or organization, and was left out": "ist weder person noch organization und entfällt",
  "is not a part of an entry, and was left out": "ist kein Teil eines Eintrags und entfällt",
  "is no organization of this workspace, and was left out": "ist keine Organisation dieses Bereichs und entfällt",
  "a contact with this uid is there already, with other values; it stays as it is":
    "ein Kontakt mit dieser UID ist mit anderen Werten schon da; er bleibt, wie er ist",
  "the contact that it matches cannot take its values: …": "der passende Kontakt kann die Werte nicht übernehmen: …",
  "MongoDB refused the contact: …": "MongoDB hat den Kontakt abgelehnt: …",
  // about MongoDB's collections and indexes
  "The index … is hidden, so MongoDB does not use it. Run ….":
    "Der Index … ist versteckt, darum nutzt MongoDB ihn nicht. Bitte ausführen: ….",
  "MongoDB builds the index …. Until it is ready, requests that use it are slow or get 503.":
    "MongoDB baut den Index …. Bis er fertig ist, sind Anfragen, die ihn nutzen, langsam oder bekommen 503.",
  "The index … is missing. …": "Der Index … fehlt. …",
  "The index … cannot be made, because several documents of … have the same value in …. Remove it from all but one of them.":
    "Der Index … lässt sich nicht anlegen, weil mehrere Dokumente von … denselben Wert haben in …. Bitte den Wert bei allen bis auf eines entfernen.",
  "The index … is in the way of the index …. Drop it with …, and the other one is made.":
    "Der Index … steht dem Index … im Weg. Bitte löschen mit …, dann wird der andere angelegt.",
  "MongoDB makes no index … on …: the collection has as many indexes as it may have. Drop some that nobody needs.":
    "MongoDB legt keinen Index … an in …: die Collection hat so viele Indexe, wie sie haben darf. Bitte einige löschen, die niemand braucht.",
  "MongoDB cannot make the index … on …: … (code #).": "MongoDB kann den Index … nicht anlegen in …: … (Code #).",
  "MongoDB does not check all rules for contacts: … An administrator can set the validator once with `grapevine prepare`.":
    "MongoDB prüft nicht alle Regeln für Kontakte: … Ein Administrator kann den Validator einmal mit `grapevine prepare` setzen.",
  "No change is applied: …": "Keine Änderung wird verarbeitet: …",
  // about an experiment
  "the watcher is paused already; `grapevine pipeline resume` ends that":
    "der Watcher ist schon angehalten; `grapevine pipeline resume` beendet das",
  "there are no contacts to edit in the workspace #; `grapevine seed` adds some":
    "im Bereich # gibt es keine Kontakte zum Ändern; `grapevine seed` legt welche an",
  "ask whether the watcher is paused: …": "Frage, ob der Watcher angehalten ist: …",
  "… the watcher: …": "Befehl „…“ an den Watcher: …",
  "stop Redis: …": "Redis anhalten: …",
  "continue Redis: …": "Redis fortsetzen: …",
  "delete the event log: …": "Ereignisprotokoll löschen: …",
  "edit contacts: …": "Kontakte ändern: …",
  "find contacts: …": "Kontakte finden: …",
  "read contacts: …": "Kontakte lesen: …",
  // about an import
  "The file holds no contacts.": "Die Datei enthält keine Kontakte.",
  "The file of the import is gone. Send it again.": "Die Datei des Imports ist nicht mehr da. Bitte noch einmal senden.",
  "The file is large. This is what the import of its first # rows would do.":
    "Die Datei ist groß. Das hier täte der Import ihrer ersten # Zeilen.",
  "Not all contacts can be found by their names yet. Until then, some rows count as new whose contacts are there already.":
    "Noch sind nicht alle Kontakte mit ihrem Namen zu finden. Bis dahin zählen einige Zeilen als neu, deren Kontakte schon da sind.",
  "No worker began the import within a day. Start an instance with the role worker, and send the file again.":
    "Kein Worker hat den Import innerhalb eines Tages begonnen. Bitte eine Instanz mit der Rolle worker starten und die Datei noch einmal senden.",
  "The import could not go on. The log of the instance that worked on it has the reason. What it has imported stays: when the reason is gone, send the file again for the rest.":
    "Der Import konnte nicht weitergehen. Den Grund nennt das Protokoll der Instanz, die daran gearbeitet hat. Was importiert ist, bleibt: Ist der Grund behoben, die Datei für den Rest noch einmal senden.",
  "The file is empty. Choose the file that the other program has exported.":
    "Die Datei ist leer. Bitte die Datei wählen, die das andere Programm exportiert hat.",
  "The file is …. ….": "Die Datei ist …. …",
  "compressed with gzip": "mit gzip komprimiert",
  "compressed with bzip2": "mit bzip2 komprimiert",
  "compressed with xz": "mit xz komprimiert",
  "compressed with zstd": "mit zstd komprimiert",
  "a ZIP archive or a workbook, such as Excel's .xlsx": "ein ZIP-Archiv oder eine Arbeitsmappe, wie .xlsx von Excel",
  "a 7-Zip archive": "ein 7-Zip-Archiv",
  "a RAR archive": "ein RAR-Archiv",
  "a document of Microsoft Office, such as .xls": "ein Dokument von Microsoft Office, wie .xls",
  "a mailbox of Outlook (.pst)": "ein Postfach von Outlook (.pst)",
  "an SQLite database": "eine SQLite-Datenbank",
  "a PDF document": "ein PDF-Dokument",
  "a text with formatting (RTF)": "ein formatierter Text (RTF)",
  "an image": "ein Bild",
  "a property list of Apple": "eine Property-Liste von Apple",
  "a calendar (iCalendar)": "ein Kalender (iCalendar)",
  "an LDIF file": "eine LDIF-Datei",
  "a JSON array": "ein JSON-Array",
  "JSON whose objects go over several lines": "JSON, dessen Objekte über mehrere Zeilen gehen",
  "HTML or XML": "HTML oder XML",
  "not a text": "kein Text",
  "Unpack it, and import the file inside": "Bitte entpacken und die Datei darin importieren.",
  "Unpack it, and import the file inside, or save the workbook as CSV":
    "Bitte entpacken und die Datei darin importieren, oder die Arbeitsmappe als CSV speichern.",
  "Open it in its program, and save it as CSV": "Bitte im zugehörigen Programm öffnen und als CSV speichern.",
  "Export the contacts again, as vCard or CSV": "Bitte die Kontakte noch einmal exportieren, als vCard oder CSV.",
  "In Outlook, export the contacts as CSV": "Bitte die Kontakte in Outlook als CSV exportieren.",
};
