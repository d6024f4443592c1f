"""The index of what blocks say, and what they say already."""

from django.db import migrations

from reader.finding import passages


def make(apps, schema_editor):
    passages.make(schema_editor.connection)
    passages.fill(apps.get_model("reader", "Block").objects)


def unmake(apps, schema_editor):
    passages.unmake(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("reader", "0020_export_attempts")]

    operations = [migrations.RunPython(make, unmake)]
