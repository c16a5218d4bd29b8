import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countingStatistic,
  filterQuery,
  formatView,
  listFilters,
  listPath,
  matcher,
  parseView,
  withoutValue,
  withValue,
} from "../static/assets/js/view.js";

test("a view survives the way through its URL", () => {
  for (const search of [
    "",
    "?workspace=sales&view=statistics",
    "?q=ad&company=A%26B&tag=vip&kind=person&without=email&sort=-updatedAt",
    "?q=two+words&contact=659200801a0b7516000000a5",
  ])
    assert.equal(decodeURIComponent(formatView(parseView(search))), decodeURIComponent(search));
});

test("invalid values in a URL are replaced by defaults", () => {
  const view = parseView("?workspace=../etc&sort=__proto__&contact=<script>&view=x");
  assert.deepEqual([view.workspace, view.sort, view.contact, view.page], ["default", "name", "", "contacts"]);
});

test("a search has an order of its own", () => {
  assert.equal(listPath(parseView("?q=hello&sort=-name&tag=a"), 200, "c"), "/contacts?tag=a&q=hello&limit=200&after=c");
  assert.equal(listPath(parseView("?tag=a"), 50), "/contacts?tag=a&sort=name&limit=50");
});

test("tabs and line breaks of a pasted search are blanks", () => {
  assert.equal(listPath(parseView("?q=%09Ada%0D%0ALovelace%00"), 50), "/contacts?q=Ada+Lovelace&limit=50");
});

test("an export has the filters, and no order", () => {
  assert.equal(filterQuery(parseView("?q=hello&sort=-name&tag=a&without=phone")).toString(), "tag=a&without=phone");
});

test("a contact matches a view if it passes every filter and the search finds it", () => {
  const contact = {
    ...{
      id: "1",
      kind: "person",
      firstName: "Ada",
      lastName: "Lovelace",
      company: "Engines",
      tags: ["a", "b"],
      owner: "Ada",
      organizationId: "f".repeat(24),
    },
    ...{ emails: [{ value: "ada@example.com" }], createdAt: "2026-04-12T10:00:00Z", updatedAt: "2026-04-13T10:00:00.5Z" },
  };
  for (const search of [
    ...[
      "",
      "?company=Engines",
      "?tag=b&kind=person",
      "?owner=Ada&q=love",
      "?q=engi+ada",
      "?q=ada@example",
      `?organizationId=${"f".repeat(24)}`,
    ],
    ...["?without=phone", "?createdAfter=2026-04-12T09:59:59Z&createdBefore=2026-04-13T00:00:00Z", "?updatedAfter=2026-04-13T10:00:00Z"],
  ])
    assert.ok(matcher(parseView(search))(contact), search);
  for (const search of [
    ...["?company=Other", "?tag=c", "?tag=b&kind=organization", "?owner=ada", "?q=x", "?q=ada+x", "?q=-", "?without=email"],
    ...["?createdAfter=2026-04-12T10:00:00Z", "?createdBefore=2026-04-12T10:00:00Z", "?updatedBefore=2026-04-13T10:00:00Z"],
  ])
    assert.ok(!matcher(parseView(search))(contact), search);
});

test("only the whole list and a single filter with a statistic can be counted", () => {
  assert.deepEqual(countingStatistic(parseView("?sort=-name")), { statistic: "months" });
  assert.deepEqual(countingStatistic(parseView("?company=A")), { statistic: "companies", group: "company" });
  assert.deepEqual(countingStatistic(parseView("?tag=a")), { statistic: "tags", group: "tag" });
  for (const { name, statistic } of listFilters) {
    if (!statistic) assert.equal(countingStatistic(parseView(`?${name}=x`)), undefined, name);
    for (const other of ["q", ...listFilters.map((filter) => filter.name)])
      if (other !== name) assert.equal(countingStatistic(parseView(`?${name}=x&${other}=y`)), undefined, `${name} and ${other}`);
  }
  assert.equal(countingStatistic(parseView("?q=x")), undefined);
});

test("several tags are in the URL, and a contact has to have all", () => {
  const view = parseView("?tag=vip&tag=new%20york&without=email&createdAfter=2026-01-01");
  assert.equal(formatView(view), "?tag=vip&tag=new+york&without=email&createdAfter=2026-01-01");
  assert.deepEqual(filterQuery(view).getAll("tag"), ["vip", "new york"]);
  const matches = matcher(view);
  const contact = { id: "a", kind: "person", tags: ["vip", "new york"], createdAt: "2026-05-05T00:00:00Z" };
  assert.ok(matches(contact));
  assert.ok(!matches({ ...contact, tags: ["vip"] }));
  assert.ok(!matches({ ...contact, emails: [{ value: "a@example.com" }] }));
  assert.equal(withValue(withValue("", "a"), "a"), "a");
  assert.equal(withoutValue(withValue("a", "b"), "a"), "b");
});

test("a filter of days has the days of the person's time zone", () => {
  const zone = process.env.TZ;
  process.env.TZ = "Pacific/Auckland"; // UTC+13 in January
  try {
    const view = parseView("?createdAfter=2026-01-05&createdBefore=2026-01-06");
    assert.equal(formatView(view), "?createdAfter=2026-01-05&createdBefore=2026-01-06");
    assert.equal(
      filterQuery(view).toString(),
      new URLSearchParams({ createdAfter: "2026-01-04T10:59:59.999Z", createdBefore: "2026-01-05T11:00:00.000Z" }).toString(),
    );
    const isIn = (createdAt) => matcher(view)({ id: "1", createdAt });
    assert.deepEqual(["2026-01-04T10:59:59.999Z", "2026-01-04T11:00:00Z", "2026-01-05T10:59:59.999Z", "2026-01-05T11:00:00Z"].map(isIn), [
      false,
      true,
      true,
      false,
    ]);
    assert.equal(filterQuery(parseView("?createdAfter=2026-01-05T00:00:00Z")).get("createdAfter"), "2026-01-05T00:00:00Z");
    assert.equal(filterQuery(parseView("?createdAfter=2026-02-31x")).get("createdAfter"), "2026-02-31x");
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});
