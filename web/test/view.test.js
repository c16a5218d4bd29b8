import assert from "node:assert/strict";
import { test } from "node:test";
import { formatView, listPath, parseView } from "../static/assets/js/view.js";

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
