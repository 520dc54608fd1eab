/** The form of a report about a place: any spot from the map as one more choice of its list. */
import { toast } from "../core/dom.js";
import { during } from "../core/ready.js";
import { openDepots } from "../panels/patrol_depot.js";

try {
  openDepots([document.querySelector('[data-testid="where"]')]);
} catch (error) {
  toast(error.message, "warn");
}
during(Promise.resolve());
