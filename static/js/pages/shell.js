/** Every work page: its menus, the theme, days as they are written here. Without it they are forms and <details>. */
import { dressDays } from "../core/day_fields.js";
import { openMenus } from "../core/menus.js";
import { openThemes } from "../core/theme.js";

dressDays();
openMenus();
openThemes();
