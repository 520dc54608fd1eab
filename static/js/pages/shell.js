/** Every work page: its menus, the theme, days as they are written here, what a phone folds. Without it they are forms and <details>. */
import { dressDays } from "../core/day_fields.js";
import { openFolds } from "../core/folds.js";
import { openMenus } from "../core/menus.js";
import { openThemes } from "../core/theme.js";

dressDays();
openFolds();
openMenus();
openThemes();
