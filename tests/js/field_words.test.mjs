import assert from "node:assert/strict";
import test from "node:test";
import { faultOf } from "../../static/js/core/field_words.js";

const words = {
  needed: "needed", choose: "choose", tick: "tick", file: "file", number: "number", between: "{min}-{max}", least: ">{min}", most: "<{max}",
  step: "step", shape: "shape",
};
const said = (fault, field = {}) => faultOf({ type: "text", tagName: "INPUT", min: "", max: "", ...field, validity: { [fault]: true } }, words, "vi");

test("what is missing is asked for by what it is", () => {
  assert.equal(said("valueMissing"), "needed");
  assert.equal(said("valueMissing", { tagName: "SELECT", type: "select-one" }), "choose");
  assert.equal(said("valueMissing", { type: "radio" }), "choose");
  assert.equal(said("valueMissing", { type: "checkbox" }), "tick");
  assert.equal(said("valueMissing", { type: "file" }), "file");
});

test("limits are said as numbers are written here", () => {
  assert.equal(said("rangeOverflow", { min: "1", max: "5000" }), "1-5.000");
  assert.equal(said("rangeUnderflow", { min: "1500" }), ">1.500");
  assert.equal(said("rangeOverflow", { max: "12" }), "<12");
  assert.equal(said("badInput"), "number");
});

test("what the browser alone knows is left to it", () => {
  assert.equal(said("tooLong"), "");
  assert.equal(said("patternMismatch"), "shape");
});
