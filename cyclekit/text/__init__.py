"""The text modality: everything that understands Batches of sentences. Importing it registers its parts."""
