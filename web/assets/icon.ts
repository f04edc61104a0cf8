/** The mark of the header, for the tab of the browser. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="10" fill="#0b4654"/><path d="M9 13.5h22v14H9zM9 13.5l11 8.5 11-8.5" fill="none" stroke="#fff" stroke-width="2" stroke-linejoin="round"/><circle cx="20" cy="26" r="3.25" fill="#e0a63c"/></svg>`;
