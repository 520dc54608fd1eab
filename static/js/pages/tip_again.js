/** The page that asks a resident to send once more: only its photo is chosen anew. */
import { dressFiles } from "../core/files.js";

dressFiles();
