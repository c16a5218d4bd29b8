import assert from "node:assert/strict";
import { test } from "node:test";
import { countingStatistic, formatView, listFilters, listPath, matches, parseView } from "../static/assets/js/view.js";

test("a view survives the way through its URL", () => {
  for (const search of [
    "",
    "?workspace=sales&view=statistics",
    "?prefix=ad&company=A%26B&tag=vip&kind=person&sort=-updatedAt",
    "?q=two+words&contact=659200801a0b7516000000a5",
  ])
    assert.equal(decodeURIComponent(formatView(parseView(search))), decodeURIComponent(search));
});

test("invalid values in a URL are replaced by defaults", () => {
  const view = parseView("?workspace=../etc&sort=__proto__&contact=<script>&view=x");
  assert.deepEqual([view.workspace, view.sort, view.contact, view.page], ["default", "name", "", "contacts"]);
});

test("a text search uses the search route, without a sort", () => {
  assert.equal(listPath(parseView("?q=hello&sort=-name&tag=a"), 200, "c"), "/contacts/search?tag=a&q=hello&limit=200&after=c");
  assert.equal(listPath(parseView("?prefix=he"), 50), "/contacts?prefix=he&sort=name&limit=50");
});

test("a contact matches a view if it passes every filter", () => {
  const contact = { id: "1", kind: "person", lastName: "Lovelace", company: "Engines", tags: ["a", "b"], owner: "Ada" };
  for (const search of ["", "?company=Engines", "?tag=b&kind=person", "?owner=Ada&prefix=love"])
    assert.ok(matches(contact, parseView(search)), search);
  for (const search of ["?company=Other", "?tag=c", "?tag=b&kind=organization", "?owner=ada", "?prefix=x"])
    assert.ok(!matches(contact, parseView(search)), search);
});

test("only the whole list and a single filter with a statistic can be counted", () => {
  assert.deepEqual(countingStatistic(parseView("?sort=-name")), { statistic: "months" });
  assert.deepEqual(countingStatistic(parseView("?company=A")), { statistic: "companies", group: "company" });
  assert.deepEqual(countingStatistic(parseView("?tag=a")), { statistic: "tags", group: "tag" });
  for (const { name, statistic } of listFilters) {
    if (!statistic) assert.equal(countingStatistic(parseView(`?${name}=x`)), undefined, name);
    for (const other of ["q", "prefix", ...listFilters.map((filter) => filter.name)])
      if (other !== name) assert.equal(countingStatistic(parseView(`?${name}=x&${other}=y`)), undefined, `${name} and ${other}`);
  }
  for (const search of ["?q=x", "?prefix=x"]) assert.equal(countingStatistic(parseView(search)), undefined, search);
});
