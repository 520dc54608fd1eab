/** Pages with forms: what a field lacks is said in the page's language. */
import { sayFaults } from "../core/field_words.js";

sayFaults();
