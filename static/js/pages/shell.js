/** Every work page: its menus, and the theme. Without it they are forms and <details>. */
import { openMenus } from "../core/menus.js";
import { openThemes } from "../core/theme.js";

openMenus();
openThemes();
