/** File inputs in the page's own words: what is said over the input, and the names of what was chosen. */

export function dressFiles() {
  for (const box of document.querySelectorAll(".file-box")) {
    const [input, face] = [box.querySelector("input"), box.querySelector(".file-face")];
    const prompt = face.textContent;
    const say = () => { face.textContent = [...input.files].map((file) => file.name).join(", ") || prompt; };
    box.classList.add("is-live");
    input.addEventListener("change", say);
    input.form?.addEventListener("reset", () => setTimeout(say));
    say();
  }
}
