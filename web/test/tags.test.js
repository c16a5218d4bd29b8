import assert from "node:assert/strict";
import { test } from "node:test";
import { addTags } from "../static/assets/js/tags.js";

test("pasted tags are several, and differ in more than case", () => {
  assert.deepEqual(addTags(["VIP"], "vip,friend, Berlin ,,berlin"), ["VIP", "friend", "Berlin"]);
  assert.deepEqual(
    addTags([], "vip", () => "VIP"),
    ["VIP"],
  );
});
