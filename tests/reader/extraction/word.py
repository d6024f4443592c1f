"""A Word document with a bit of everything, made by the library that reads it."""

import io

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def document() -> bytes:
    made = docx.Document()
    made.core_properties.title = "The report"
    made.core_properties.author = "Ann Author"
    made.add_heading("The report", 0)
    made.add_heading("First part", 1)
    paragraph = made.add_paragraph("Plain, ")
    paragraph.add_run("bold").bold = True
    paragraph.add_run(" and ")
    paragraph.add_run("slanted").italic = True
    paragraph.add_run(" words.")
    hidden = paragraph.add_run(" Unseen.")
    hidden.font.hidden = True
    made.add_paragraph("One", "List Bullet")
    made.add_paragraph("Deeper", "List Bullet 2")
    made.add_paragraph("First", "List Number")
    made.add_paragraph("Second", "List Number")
    made.add_paragraph("So it was said.", "Quote")
    made.add_heading("Second part", 2)
    table = made.add_table(rows=2, cols=2)
    for row, texts in zip(table.rows, (("Name", "Age"), ("Ann", "31")), strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    raised = made.add_paragraph("Area in m")
    raised.add_run("2").font.superscript = True
    deleted = made.add_paragraph("Kept.")
    mark = OxmlElement("w:del")
    run = OxmlElement("w:r")
    text = OxmlElement("w:delText")
    text.text = "Deleted."
    run.append(text)
    mark.append(run)
    deleted._p.append(mark)
    inserted = OxmlElement("w:ins")
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = " Inserted."
    text.set(qn("xml:space"), "preserve")
    run.append(text)
    inserted.append(run)
    deleted._p.append(inserted)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()
