/** The style sheets that every view begins with: the editor's icon font, and our base. */
import '@vscode/codicons/dist/codicon.css';
import './base.css';
