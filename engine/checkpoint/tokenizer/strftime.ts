/** Dates as Python's `strftime` writes them in the C locale, for chat templates. */

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July'],
  ...['August', 'September', 'October', 'November', 'December'],
];
const DAY_MS = 86_400_000;

/** Local time; codes beyond those of the C standard's common set stay as they are. `%-d` drops leading zeros. */
export function strftime(time: Date, format: string): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (code, dash: string, letter: string) => {
    const text = formatCode(time, letter);
    if (text === undefined) return code;
    return dash === '-' ? text.replace(/^0+(?=\d)/, '') : text;
  });
}

function formatCode(time: Date, letter: string): string | undefined {
  const day = DAYS[time.getDay()] ?? '';
  const month = MONTHS[time.getMonth()] ?? '';
  switch (letter) {
    case 'a':
      return day.slice(0, 3);
    case 'A':
      return day;
    case 'b':
      return month.slice(0, 3);
    case 'B':
      return month;
    case 'd':
      return padded(time.getDate(), 2);
    case 'H':
      return padded(time.getHours(), 2);
    case 'I':
      return padded(time.getHours() % 12 === 0 ? 12 : time.getHours() % 12, 2);
    case 'j':
      return padded(dayOfYear(time), 3);
    case 'm':
      return padded(time.getMonth() + 1, 2);
    case 'M':
      return padded(time.getMinutes(), 2);
    case 'p':
      return time.getHours() < 12 ? 'AM' : 'PM';
    case 'S':
      return padded(time.getSeconds(), 2);
    case 'y':
      return padded(time.getFullYear() % 100, 2);
    case 'Y':
      return String(time.getFullYear());
    case '%':
      return '%';
    default:
      return undefined;
  }
}

function dayOfYear(time: Date): number {
  const date = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return (date - Date.UTC(time.getFullYear(), 0, 1)) / DAY_MS + 1;
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
