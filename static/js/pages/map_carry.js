/** What the map page fetches when somebody takes it along, or opens the copy. */
export { openCarry, tellCarried } from "../panels/carry.js";
