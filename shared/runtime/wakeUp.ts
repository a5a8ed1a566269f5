/** Name of the one job that wakes a function whenever something comes due. */
export const WAKE_UP = 'wake-up';
