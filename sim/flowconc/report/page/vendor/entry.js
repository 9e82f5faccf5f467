// What the capacity report uses of Observable Plot; `make vendor` bundles it into plot.js.
export { plot, areaY, axisX, axisY, dot, gridY, line, lineY, ruleX, ruleY, text } from "@observablehq/plot";
