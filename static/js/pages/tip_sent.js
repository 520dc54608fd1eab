/** The receipt is there: the draft on this device goes. */
import { wipeDraft } from "../tips/draft.js";

wipeDraft();
document.documentElement.dataset.wiped = "1";
